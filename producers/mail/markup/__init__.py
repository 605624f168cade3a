"""HTML mail to lines of text, with what the mail clients' markup says about them."""

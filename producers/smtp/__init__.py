"""Mail that a mail server delivers to us, over SMTP or LMTP: 250 only when the ledger holds it."""

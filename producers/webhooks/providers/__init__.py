"""What each provider makes of a mail: one file for each, with `is_mine` and `mails`."""

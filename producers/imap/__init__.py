"""A mailbox as a source, over IMAP: what bears our mark, or has left the folder, is in the ledger; all else is not."""

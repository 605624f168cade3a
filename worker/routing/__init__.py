"""Which tier a ticket deserves."""

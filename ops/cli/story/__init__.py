"""One ticket's story: read off the ledger, summed up, and told as a timeline."""

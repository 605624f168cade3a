"""Raw JSON in Redis: for producers that can only LPUSH or XADD. Nothing is taken off before the ledger holds it."""

"""Ways in: each one makes tickets of messages and accepts them into the ledger."""

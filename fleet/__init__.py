"""What producers, workers and operators agree on: ticket, verdict, taxonomy, settings and the ledger."""

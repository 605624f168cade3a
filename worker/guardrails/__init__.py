"""What stands between the ticket, the model and the verdict: screening, parsing and policy."""

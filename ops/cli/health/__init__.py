"""How the fleet and its environment are: the state of the ledger, and the checks of `triage check`."""

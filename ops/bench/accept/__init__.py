"""`triage bench accept`: what taking tickets in costs, beside doing the bare minimum with the same bytes."""

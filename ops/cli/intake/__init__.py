"""What `triage submit` and `triage parse` are made of: reading inputs, accepting in batches, showing progress."""

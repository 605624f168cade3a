"""What `triage submit` is made of: reading inputs, accepting in batches, showing progress."""

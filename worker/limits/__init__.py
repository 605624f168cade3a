"""When a model may be called, and what a failed call means for the ticket."""

"""Who is believed: signatures, shared secrets, and what may be used once only."""

"""The HTTP API: tickets by POST, verdicts by GET, under bearer tokens that are stored as hashes."""

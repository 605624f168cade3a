"""Tickets from files: JSON lines. Reading only; who calls accepts what was read."""

"""Tickets from files: JSON lines and mail. Reading only; who calls accepts what was read."""

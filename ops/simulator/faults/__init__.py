"""Planned misbehaviour: which call goes wrong, when, and how."""

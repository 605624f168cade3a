"""Limits, tokens, prompt cache, bill: everything that is counted."""

"""Patterns of text that speaks to a model instead of to support."""

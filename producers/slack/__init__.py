"""Slack: messages of channels and direct messages, over signed HTTP or Socket Mode, through the official SDK."""

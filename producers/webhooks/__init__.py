"""Webhooks: mail that providers post, and chat messages in the Standard Webhooks format."""

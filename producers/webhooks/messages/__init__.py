"""Chat messages in the Standard Webhooks format."""

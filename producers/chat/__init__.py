"""Chat: short messages of one person become one ticket. Slack, Matrix and webhooks hand their messages in here."""

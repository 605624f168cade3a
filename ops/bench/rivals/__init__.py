"""Other ways to keep a quota, doing the same work: Celery's rate_limit, the SDK's retries, windows of `limits`."""

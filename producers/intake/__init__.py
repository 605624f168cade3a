"""The way in that all sources share: accept or a retryable error, pressure, hints, metrics, health, drain."""

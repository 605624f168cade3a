"""The workers: Celery takes the hints, the pipeline triages, the ledger records."""

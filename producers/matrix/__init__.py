"""Matrix rooms as a source: messages of people, read from where the last run ended."""

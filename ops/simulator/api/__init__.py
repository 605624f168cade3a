"""What the API checks and knows: keys, request bodies, models, error shapes."""

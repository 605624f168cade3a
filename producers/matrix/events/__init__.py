"""What events mean: pure functions over what the homeserver sent."""

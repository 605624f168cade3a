"""What the fleet may still use: the day's money, and each model's limits."""

"""What a run makes of a quota that the simulator enforces: how much of it is used, and what is refused."""

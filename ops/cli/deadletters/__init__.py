"""What a person does with what was given up: list it, look at it, send it back, end it."""

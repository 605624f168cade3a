"""From the bytes of a message to its parts: bounded in time and memory, whatever the bytes."""

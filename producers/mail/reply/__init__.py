"""What a message says itself, told apart from the history it quotes and from its signature."""

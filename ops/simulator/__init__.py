"""A stand-in for Anthropic's Messages API: a server of its own, honest about being a simulator."""

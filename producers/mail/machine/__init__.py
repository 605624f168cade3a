"""Was it a machine that wrote this mail: bounces, automatic replies, lists, and our own words coming back."""

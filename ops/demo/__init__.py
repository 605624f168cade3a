"""A whole fleet on one machine: embedded Valkey, simulated API, real worker processes."""

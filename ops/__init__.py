"""What people run: the `triage` command, demo, simulator and benchmarks."""

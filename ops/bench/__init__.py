"""Benchmarks: ratios of runs made side by side on this machine, never a timed test."""

"""Measures against limits, alternated in one run: `python -m tests.benchmarks [--quick]`."""

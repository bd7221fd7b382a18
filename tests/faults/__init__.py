"""Faults on purpose, against the real broker: `make faults`. Each part prints what it counted."""

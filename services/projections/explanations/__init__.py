"""Explanations: why an amount is what it is, step by step, from the facts that it follows from."""

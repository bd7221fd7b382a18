"""Household histories: every fact of a household, what each changed, the spells and the chain."""

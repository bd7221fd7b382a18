"""Leads: what auditors ask. Findings for people to look into, never automatic exits."""

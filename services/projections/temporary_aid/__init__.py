"""Temporary assistance granted: grants, person-times and amounts."""

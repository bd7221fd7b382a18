"""Rolls: households and persons on each roll, who is new, who left, who was found proactively."""

"""Help-first and temporary aid: given at once, the paperwork follows."""

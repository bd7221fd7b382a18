"""Help-first aid: what was given at once, and whether its paperwork followed."""

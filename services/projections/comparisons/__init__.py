"""Two payment lists, or what one would be at two positions, beside each other: what differs, and why."""

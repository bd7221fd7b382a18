"""Standards and policies: what a place guarantees, and what it has set itself."""

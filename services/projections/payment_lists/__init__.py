"""What to pay: lists computed, frozen, approved, paid and corrected."""

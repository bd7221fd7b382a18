"""Payment months: lists that are frozen, approved and paid, their results, and recoveries."""

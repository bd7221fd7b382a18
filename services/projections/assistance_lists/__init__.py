"""The assistance list: what one household receives in a month, policy by policy."""

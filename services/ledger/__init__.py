"""The ledger decides: a command meets the rules and becomes immutable facts."""

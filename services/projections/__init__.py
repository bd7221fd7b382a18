"""The projections: questions answered from facts. They never import the ledger."""

"""Payment months in this process: each act goes to the ledger, each answer comes from the projections.

The command line and the demo act through here; over HTTP the two services are asked apart.
"""

"""The product: the command line over both services, the embedded database, and the demo."""

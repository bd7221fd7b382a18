"""Signals of other departments: read strictly, and turned by an area's rules into what people do."""

"""The event store on PostgreSQL: one append function, one recorder over it, its migrations."""

"""The projections from Kafka: a group of workers, a database for each cell."""

"""The relay: what was recorded, out to Kafka."""

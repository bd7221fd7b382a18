"""The inbound side: commands and signals from Kafka, each with its effects once."""

"""Kafka, both ways: one module that sends, one that reads; nothing else knows the client."""

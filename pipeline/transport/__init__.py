"""The only room with network, files and Kafka clients."""

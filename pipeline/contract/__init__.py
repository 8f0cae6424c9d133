"""What travels between the stages: frozen models, topics, codec. Import from its modules."""

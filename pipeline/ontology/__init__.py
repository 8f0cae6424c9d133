"""What is known beforehand: actors, event types with the words that tell them, coalitions."""

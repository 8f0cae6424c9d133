"""Measurements: accuracy against coded texts, throughput, replays."""

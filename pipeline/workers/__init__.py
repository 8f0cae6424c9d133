"""One process each: poller, extractor, aggregator; a shell around a stage."""

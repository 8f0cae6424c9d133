"""Years of coded events in; what the metrics would have said of known history out. Not part of the stream."""

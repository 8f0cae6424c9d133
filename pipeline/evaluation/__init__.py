"""How well coded events agree with people's: gold and predictions in, measures and reports out."""

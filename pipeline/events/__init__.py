"""Articles in, coded events out: who did what to whom, with the sentence that says so."""

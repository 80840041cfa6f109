"""Wing: what people ask for that takes longer than they wait, done as jobs."""

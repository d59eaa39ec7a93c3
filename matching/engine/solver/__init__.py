"""Finding the best pairs: the open core of a problem, its costs, flows, and phases of tiers."""

"""Research at the edge: where to look a person up, and the form for what was found."""

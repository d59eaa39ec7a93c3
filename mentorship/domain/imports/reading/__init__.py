"""Reading the rows of a table: which are tickets or answers, whose, and which of them stands."""

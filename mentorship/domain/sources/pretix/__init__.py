"""A pretix: its orders, read a slice at a time, as the list that it exports itself."""

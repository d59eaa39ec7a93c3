"""Making, changing and checking matches; bins and first meetings."""

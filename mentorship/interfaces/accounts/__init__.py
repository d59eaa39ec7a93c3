"""Forms by which people get an account and set their own password."""

"""Pages of accounts: how somebody gets in, and what belongs to them once they are."""

"""Who must not be matched: do-not-match pairs, colleagues, earlier pairs."""

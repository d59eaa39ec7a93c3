"""Proposing matches: criteria, the problem, what it found, trade-offs and alternatives."""

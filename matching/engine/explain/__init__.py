"""Answers about a solution: why and why not, alternatives, shortage, trade-offs and what-if."""

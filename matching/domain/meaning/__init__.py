"""The phrases that people write, and vectors for what they mean, if the host has given a model."""

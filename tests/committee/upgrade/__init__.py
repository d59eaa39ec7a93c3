"""A database of the release before, with its data, is upgraded and goes on as it was."""

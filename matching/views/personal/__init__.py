"""The personal pages of matched people, reached by the personal link alone."""

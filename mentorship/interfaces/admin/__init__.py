"""The committee's pages on people, answers, the program itself and accounts."""

from mentorship.interfaces.admin import accounts, imports, people, privacy, program, survey

__all__ = ["accounts", "imports", "people", "privacy", "program", "survey"]

"""The committee's pages on people, answers, the program itself and accounts."""

from mentorship.interfaces import (
    admin_accounts,
    admin_imports,
    admin_people,
    admin_program,
    admin_survey,
)

__all__ = ["admin_accounts", "admin_imports", "admin_people", "admin_program", "admin_survey"]

"""Questions about one program whose SQL is made once: to make it takes longer than to ask."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from mentorship.models import Program

# The key of no program.
_ANY = -1


class ProgramStatement:
    """Columns that are worked out of each program, asked for one program at a time.

    `columns` returns a query for the values of all programs. It is called when they are first asked
    for, and nothing in it may change later: neither what is asked nor a moment.
    """

    def __init__(self, columns: Callable[[], QuerySet[Program, Any]]) -> None:
        self._columns = columns
        self._sql = ""
        self._values: tuple[Any, ...] = ()

    def of(self, program: Program) -> tuple[Any, ...]:
        """Return the values of this program as the database gives them, in their order.

        Raise Program.DoesNotExist if there is no such program any more.
        """
        if not self._sql:
            query = self._columns().filter(pk=_ANY).order_by().query
            sql, values = query.sql_with_params()
            assert values.count(_ANY) == 1
            self._values, self._sql = values, sql
        values = tuple(program.pk if value == _ANY else value for value in self._values)
        with connection.cursor() as cursor:
            cursor.execute(self._sql, values)
            found = cursor.fetchone()
        if found is None:
            raise Program.DoesNotExist
        return tuple(found)

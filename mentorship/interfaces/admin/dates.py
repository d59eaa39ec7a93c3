"""Dates that are only read on a page of the committee's, as its program writes them.

Django writes them in a way of its own, whatever the program's region is.
"""

from __future__ import annotations

import datetime
from typing import Any

from django.utils.html import conditional_escape
from unfold import forms
from unfold.fields import UnfoldAdminReadonlyField

from mentorship.models import Program


class _DatesOfProgram(UnfoldAdminReadonlyField):
    def _get_contents(self) -> Any:
        value = self.resolved_field[2] if self.resolved_field else None
        program = self._program()
        if program is None or not isinstance(value, datetime.date):
            return super()._get_contents()
        if isinstance(value, datetime.datetime):
            return conditional_escape(program.formats.moment(value))
        return conditional_escape(program.formats.date(value))

    def _program(self) -> Program | None:
        """Return the program that the row is of; None for an account, and a row that is new."""
        row = self.form.instance
        return row if isinstance(row, Program) else getattr(row, "program", None)


forms.UnfoldAdminReadonlyField = _DatesOfProgram

"""The people list's filters, each a choice of a few words."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from unfold.contrib.filters.admin import DropdownFilter

from mentorship.interfaces.requests import current_program
from mentorship.models import Attendance, Field, Participant, Role


class WordsFilter(DropdownFilter):
    """A filter whose choices are `words`: value in the address, words, and which people."""

    words: dict[str, tuple[str, Callable[[Any], QuerySet[Any]]]] = {}

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(value, words) for value, (words, _) in self.words.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in self.words:
            return queryset
        narrow = self.words[self.value()][1]
        return queryset.filter(pk__in=narrow(Participant.objects.all()).values("pk"))


class RoleFilter(WordsFilter):
    title = "role"
    parameter_name = "role"
    words = {
        Role.MENTOR.value: ("mentor", lambda people: people.mentors()),
        Role.MENTEE.value: ("mentee", lambda people: people.mentees()),
        "doubt": ("role unclear", lambda people: people.with_role_in_doubt()),
    }


class AttendanceFilter(WordsFilter):
    title = "attendance"
    parameter_name = "attendance"
    words = {
        value: (label, lambda people, value=value: people.filter(attendance=value))
        for value, label in Attendance.choices
    } | {"unknown": ("unknown", lambda people: people.filter(attendance=""))}


class AnsweredFilter(WordsFilter):
    title = "response"
    parameter_name = "answered"
    words = {
        "yes": ("has answered", lambda people: people.answered()),
        "no": ("has not answered", lambda people: people.not_answered()),
        "unsubscribed": (
            "no reminders",
            lambda people: people.filter(unsubscribed_at__isnull=False),
        ),
        "researched": ("researched", lambda people: people.not_answered().researched()),
        "left": ("left to research", lambda people: people.left_to_research()),
    }


class TakingPartFilter(WordsFilter):
    title = "participation"
    parameter_name = "part"
    words = {
        "yes": ("takes part", lambda people: people.taking_part()),
        "withdrawn": ("has withdrawn", lambda people: people.filter(withdrawn_at__isnull=False)),
        "missing": ("no longer registered", lambda people: people.not_in_signups()),
        "open": ("signed up without a ticket", lambda people: people.without_a_ticket()),
        "bounced": ("email bounced", lambda people: people.filter(mail_bounced_at__isnull=False)),
    }


class FieldFilter(DropdownFilter):
    """By a field of the program, to which `column` leads from the row."""

    title = "field"
    parameter_name = "field"
    column = "fields"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        fields = Field.objects.filter(program=current_program(request))
        return [(str(field.pk), field.name) for field in fields]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = {value for value, _ in self.lookup_choices}
        return queryset.filter(**{self.column: self.value()}) if self.value() in known else queryset

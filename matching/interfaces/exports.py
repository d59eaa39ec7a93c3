"""Matches, do-not-match pairs, help requests and feedback as files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from matching.domain.matches.steps import name_of
from mentorship.interfaces.exports.lists import Column, ListExport


class MatchesExport(ListExport):
    """One row per match, dissolved ones too."""

    name = "matches"

    def columns(self) -> Sequence[Column]:
        return [
            ("Mentor", lambda match: match.mentor.name),
            ("Mentor's email", lambda match: match.mentor.email),
            ("Mentor attending", lambda match: match.mentor.attendance_words),
            ("Mentee", lambda match: match.mentee.name),
            ("Mentee's email", lambda match: match.mentee.email),
            ("Mentee attending", lambda match: match.mentee.attendance_words),
            ("Bin", lambda match: match.bin and match.bin.name),
            ("Status", lambda match: match.get_status_display().lower()),
            ("Locked", lambda match: match.locked),
            ("Affinity", lambda match: match.affinity),
            ("Announced", lambda match: self.local(match.announced_at)),
            ("In touch", lambda match: match.contact_words),
            ("Meeting agreed", self._meeting),
            ("Dissolved", lambda match: self.local(match.dissolved_at)),
            ("Reason dissolved", lambda match: match.dissolved_why),
        ]

    def fetch(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        rows = rows.select_related("mentor", "mentee", "bin", "meeting")
        return rows.prefetch_related("check_ins")

    def _meeting(self, match: Any) -> Any:
        hour = getattr(match, "meeting", None)
        return self.local(hour.starts_at) if hour and hour.is_agreed else None


class KeepApartsExport(ListExport):
    """One row per do-not-match pair, allowed ones too."""

    name = "do-not-match"

    def columns(self) -> Sequence[Column]:
        return [
            ("First", lambda pair: pair.first.name),
            ("First email", lambda pair: pair.first.email),
            ("Second", lambda pair: pair.second.name),
            ("Second email", lambda pair: pair.second.email),
            ("Reason", lambda pair: pair.get_reason_display()),
            ("Note", lambda pair: pair.note),
            ("Allowed", lambda pair: pair.overruled),
        ]

    def fetch(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("first", "second")


class ConcernsExport(ListExport):
    """One row per help request, with its outcome."""

    name = "help-requests"

    def columns(self) -> Sequence[Column]:
        return [
            ("Name", lambda concern: concern.participant.name),
            ("Email", lambda concern: concern.participant.email),
            ("Match", _pair),
            ("Kind", lambda concern: concern.get_kind_display()),
            ("Entered through", lambda concern: concern.get_origin_display()),
            ("Text", lambda concern: concern.text),
            ("Reported", lambda concern: self.local(concern.created_at)),
            ("Status", lambda concern: concern.get_status_display().lower()),
            ("Taken care of by", lambda concern: name_of(concern.owner) if concern.owner else ""),
            ("Due", lambda concern: concern.due_on),
            ("Outcome", lambda concern: concern.outcome),
            ("Settled", lambda concern: self.local(concern.settled_at)),
        ]

    def fetch(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("participant", "match__mentor", "match__mentee", "owner")


class FeedbackExport(ListExport):
    """One row per person and match with feedback."""

    name = "feedback"

    def columns(self) -> Sequence[Column]:
        return [
            ("Name", lambda feedback: feedback.participant.name),
            ("Email", lambda feedback: feedback.participant.email),
            ("Match", _pair),
            ("Met", lambda feedback: feedback.met),
            ("Rating", lambda feedback: feedback.rating),
            ("Went well", lambda feedback: feedback.went_well),
            ("Do better", lambda feedback: feedback.do_better),
            ("Would come again", lambda feedback: feedback.would_come_again),
            ("Again as", lambda feedback: feedback.get_again_as_display()),
            ("Sent", lambda feedback: self.local(feedback.created_at)),
        ]

    def fetch(self, rows: QuerySet[Any]) -> QuerySet[Any]:
        return rows.select_related("participant", "match__mentor", "match__mentee")


def _pair(row: Any) -> str:
    return str(row.match) if row.match else ""

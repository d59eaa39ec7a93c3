"""Mentors who are asked before their match is announced: who was asked, and what they said."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils import timezone

from matching.models import Match, MentorAnswer
from mentorship.models import Participant, Program

Answer = MentorAnswer.Answer
_GO_AHEAD = (Answer.ACCEPTED, Answer.OVERRIDDEN)


@dataclass(frozen=True)
class Asked:
    """A draft whose mentor is asked first, and the row of the answer if the mentor was asked."""

    match: Match
    row: MentorAnswer | None

    @property
    def may_be_announced(self) -> bool:
        """Whether the mentor has accepted, or the committee does not wait for it."""
        return self.row is not None and self.row.answer in _GO_AHEAD

    @property
    def waits(self) -> bool:
        """Whether the mentor was asked and has not answered."""
        return self.row is not None and self.row.asked_at is not None and not self.row.answer

    @property
    def due_at(self) -> datetime.datetime | None:
        """Until when the mentor was asked to answer; None if nobody was asked."""
        if self.row is None or self.row.asked_at is None:
            return None
        program = self.match.program
        return program.local(self.row.asked_at) + datetime.timedelta(days=program.mentor_days)

    def is_silent(self, now: datetime.datetime) -> bool:
        """Whether the time to answer is over without an answer."""
        return bool(self.waits and self.due_at and self.due_at <= now)

    @property
    def words(self) -> str:
        """What came of it, in words for the committee."""
        formats, mentor = self.match.program.formats, self.match.mentor
        row = self.row
        if row is None or (not row.answer and row.asked_at is None):
            return f"{mentor} has not been asked yet."
        if row.answer == Answer.OVERRIDDEN:
            return f"You decided not to wait for {mentor}’s answer."
        if row.answer:
            said = f": “{row.words}”" if row.words else "."
            return f"{mentor} {row.answer} on {formats.short_day(row.answered_at)}{said}"
        asked = f"{mentor} was asked on {formats.short_day(row.asked_at)}"
        if self.is_silent(timezone.now()):
            return f"{asked} and has not answered. The time to answer is over."
        return f"{asked} and has not answered yet (until {formats.short_day(self.due_at)})."


def asked_about(program: Program, matches: Iterable[Match]) -> dict[int, Asked]:
    """Return, by key, those of these matches whose mentors are asked first: drafts, in one query.

    Empty if the program does not ask mentors first.
    """
    drafts = [match for match in matches if match.status == Match.Status.DRAFT]
    if not program.mentors_first or not drafts:
        return {}
    rows = {
        (row.mentor_id, row.mentee_id): row
        for row in MentorAnswer.objects.filter(
            program=program, mentee__in=[match.mentee_id for match in drafts]
        )
    }
    for match in drafts:
        match.program = program
    return {
        match.pk: Asked(match, rows.get((match.mentor_id, match.mentee_id))) for match in drafts
    }


def drafts_asked_about(program: Program) -> list[Asked]:
    """Return the program's drafts whose mentors are asked first, with their people."""
    if not program.mentors_first:
        return []
    drafts = program.matches.filter(status=Match.Status.DRAFT).select_related("mentor", "mentee")
    return list(asked_about(program, drafts.order_by("pk")).values())


def mentees_declined(program: Program) -> list[MentorAnswer]:
    """Return the newest decline about each mentee who takes part and has no mentor now."""
    rows = (
        MentorAnswer.objects.filter(
            program=program, answer=Answer.DECLINED, mentee__withdrawn_at=None
        )
        .exclude(mentee__in=program.matches.live().values("mentee"))
        .select_related("mentor", "mentee")
        .order_by("answered_at", "pk")
    )
    return list({row.mentee_id: row for row in rows}.values())


def questions_to(mentor: Participant) -> list[Asked]:
    """Return the drafts that this mentor was asked about and can still decide on, oldest first."""
    program = mentor.program
    if not program.mentors_first or not mentor.takes_part:
        return []
    drafts = program.matches.filter(status=Match.Status.DRAFT, mentor=mentor)
    found = asked_about(program, drafts.with_people().order_by("pk")).values()
    return [
        asked
        for asked in found
        if asked.row and asked.row.asked_at and asked.row.answer in ("", Answer.ACCEPTED)
    ]


def note_asked(matches: Iterable[Match], at: datetime.datetime) -> None:
    """Note that the mentors of these matches are asked at this moment."""
    rows = [
        MentorAnswer(
            program_id=match.program_id,
            mentor_id=match.mentor_id,
            mentee_id=match.mentee_id,
            asked_at=at,
        )
        for match in matches
    ]
    MentorAnswer.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["mentor", "mentee"],
        update_fields=["asked_at"],
    )


def forget_asked(matches: Iterable[Match]) -> None:
    """Note that the mentors of these matches were not asked after all."""
    for match in matches:
        MentorAnswer.objects.filter(
            mentor=match.mentor_id, mentee=match.mentee_id, answer=Answer.NONE
        ).delete()


def refuse_unaccepted(program: Program, drafts: Iterable[Match]) -> None:
    """Raise ValidationError if one of these drafts waits for its mentor's yes."""
    for asked in asked_about(program, drafts).values():
        if not asked.may_be_announced:
            raise ValidationError(f"{asked.match} cannot be announced yet. {asked.words}")

"""A mentor accepts or declines a mentee before their match is announced."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from matching.domain.matches.asked import Asked, questions_to
from matching.domain.matches.changes import LONGEST_WHY, dissolve, live_for_update
from matching.domain.signals import mentor_answered
from matching.models import Match, MentorAnswer
from mentorship.models import Participant, Program

if TYPE_CHECKING:
    from django.contrib.auth.models import User

Answer = MentorAnswer.Answer
LONGEST_WORDS = MentorAnswer._meta.get_field("words").max_length or 0
NOT_ASKED_ANY_MORE = "This question is settled: the match has changed since we asked you."


def accept_mentee(mentor: Participant, match_pk: int) -> Asked:
    """Note that this mentor accepts; return the question. A second call changes nothing.

    Raise ValidationError if the mentor is not asked about this match (any more).
    """
    with transaction.atomic():
        program = Program.objects.locked(mentor.program_id)
        asked, row = _question(program, mentor, match_pk)
        if row.answer != Answer.ACCEPTED:
            _save(asked.match, row, Answer.ACCEPTED)
        return asked


def decline_mentee(mentor: Participant, match_pk: int, words: str = "") -> Match:
    """Note that this mentor declines, with words for the committee; dissolve and return the draft.

    The mentee is on the board again, and these two are not proposed again. Raise ValidationError
    if the mentor is not asked about this match (any more).
    """
    with transaction.atomic():
        program = Program.objects.locked(mentor.program_id)
        asked, row = _question(program, mentor, match_pk)
        _save(asked.match, row, Answer.DECLINED, words)
        return dissolve(asked.match, f"{mentor} declined"[:LONGEST_WHY])


def do_not_wait(match: Match, *, by: User | None = None) -> Match:
    """Let a draft be announced without its mentor's answer, or in spite of it; return it.

    Raise ValidationError if the match is no draft, or its mentor need not be asked.
    """
    with transaction.atomic():
        program = Program.objects.locked(match.program_id)
        match = live_for_update(match)
        if not program.mentors_first or match.status != Match.Status.DRAFT:
            raise ValidationError(f"{match} is not waiting for an answer.")
        row, _ = MentorAnswer.objects.get_or_create(
            mentor=match.mentor, mentee=match.mentee, defaults={"program": program}
        )
        _save(match, row, Answer.OVERRIDDEN, row.words, by)
        return match


def _question(program: Program, mentor: Participant, match_pk: int) -> tuple[Asked, MentorAnswer]:
    mentor = Participant.objects.get(pk=mentor.pk)
    mentor.program = program
    for asked in questions_to(mentor):
        if asked.match.pk == match_pk and asked.row is not None:
            return asked, asked.row
    raise ValidationError(NOT_ASKED_ANY_MORE)


def _save(
    match: Match, row: MentorAnswer, answer: str, words: str = "", by: User | None = None
) -> None:
    row.answer, row.answered_at = answer, timezone.now()
    row.words, row.decided_by = " ".join(words.split())[:LONGEST_WORDS], by
    row.save()
    mentor_answered.send(Match, match=match)

"""What a mentor who is asked first sees of a mentee: neither address nor words to the committee."""

from __future__ import annotations

from dataclasses import dataclass

from matching.domain.matches.asked import Asked
from matching.models import MentorAnswer
from mentorship.models import Participant


@dataclass(frozen=True)
class AskedCard:
    """One mentee that a mentor is asked about; `facts` is what the two have in common."""

    match: int
    mentee: Participant
    facts: list[str]
    until: str
    accepted: bool


def asked_card(asked: Asked) -> AskedCard:
    """Return the card of one question, whose match has its people with fields and sectors."""
    match, row = asked.match, asked.row
    return AskedCard(
        match.pk,
        match.mentee,
        _in_common(match.mentor, match.mentee),
        match.program.formats.weekday(asked.due_at),
        bool(row and row.answer == MentorAnswer.Answer.ACCEPTED),
    )


def _in_common(mentor: Participant, mentee: Participant) -> list[str]:
    theirs = {field.pk for field in mentee.fields.all()}
    shared = [f.name for f in mentor.fields.all() if f.pk in theirs and not f.is_other]
    facts = []
    if shared:
        facts.append(f"You share: {', '.join(shared)}.")
    if mentor.sector_id and mentor.sector_id == mentee.sector_id:
        facts.append(f"You both work in: {mentor.sector}.")
    if mentor.is_virtual or mentee.is_virtual:
        facts.append("You would meet in a call.")
    else:
        facts.append("You would meet in person, at the conference.")
    return facts

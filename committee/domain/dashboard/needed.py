"""Which mentors are missing, and the text that asks the organizers for them."""

from __future__ import annotations

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.utils.translation import ngettext

from matching.domain.proposals.explanations import MissingMentors, missing_mentors
from matching.domain.proposals.problem import solve_now
from matching.engine.sentences import listed
from mentorship.models import Program


@dataclass(frozen=True)
class MentorsNeeded:
    """Which more mentors would place everyone; `chat` is a text to copy, "" where none helps.

    `refusal` says why it cannot be found out.
    """

    sentence: str = ""
    chat: str = ""
    refusal: str = ""


def mentors_needed(program: Program) -> MentorsNeeded:
    """Return which mentors are missing in the best matching of those who take part now."""
    try:
        result = solve_now(program)
    except ValidationError as error:
        return MentorsNeeded(refusal=" ".join(error.messages))
    missing = missing_mentors(result)
    if not result.problem.mentees:
        return MentorsNeeded("Nobody has asked for a mentor yet.")
    if missing is None:
        return MentorsNeeded("Everyone can have a mentor.")
    placed, mentees = len(result.solution.pairs), len(result.problem.mentees)
    if not missing.extras:
        return MentorsNeeded(missing.sentence)
    sentence = _sentence(missing, mentees - placed)
    return MentorsNeeded(sentence, _chat(program, sentence, placed, mentees))


def _sentence(missing: MissingMentors, unplaced: int) -> str:
    """Return "3 more mentors would place everyone: 2 in Biology (in person), …"."""
    number = len(missing.extras)
    kinds: dict[str, int] = {}
    for extra in missing.extras:
        kinds[extra.kind] = kinds.get(extra.kind, 0) + 1
    parts = listed([f"{count} {kind}" for kind, count in kinds.items()], len(kinds))
    if number < unplaced:
        words = ngettext(
            "%(n)d more mentor would help most", "%(n)d more mentors would help most", number
        )
    else:
        words = ngettext(
            "%(n)d more mentor would place everyone",
            "%(n)d more mentors would place everyone",
            number,
        )
    return f"{words % {'n': number}}: {parts}."


def _chat(program: Program, sentence: str, placed: int, mentees: int) -> str:
    people = ngettext("%(n)d person wants", "%(n)d people want", mentees) % {"n": mentees}
    write_to = f", or to write to {program.contact_email}" if program.contact_email else ""
    return (
        f"{program}: {people} a mentor, and there is room for {placed}. {sentence} "
        f"Do you know somebody? Please ask them to sign up as a mentor{write_to}."
    )

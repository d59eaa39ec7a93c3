"""What the committee should settle before it proposes matches for the first time."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any, cast

from matching.domain.board.board import Board
from matching.domain.exclusions.wish_decisions import read_wishes
from matching.domain.matches.flexible import people_who_could_help
from mentorship.domain.survey.doubts import doubtful_answers
from mentorship.models import Participant

# So many people are named with each matter; the page it leads to has all of them.
NAMED = 8


@dataclass(frozen=True)
class OpenMatter:
    """One kind of thing to settle: how many people it concerns, and the first of them.

    `kind` is roles, flexible, wishes, doubts, no_places, unknown or no_mentor. Each person comes
    with what there is to know.
    """

    kind: str
    number: int
    people: list[tuple[Any, str]]


def open_matters(board: Board) -> list[OpenMatter]:
    """Return what is open in a program, in the order in which it matters to a proposal."""
    program, people = board.program, board.people
    participants = Participant.objects.filter(program=program).order_by("name", "pk")
    unclear = [(person, person.role_doubt) for person in participants.with_role_in_doubt()]
    _, could_help = people_who_could_help(program)
    flexible = [
        (person, f"{person.role}: {person.get_other_role_display()}") for person in could_help
    ]
    wishes = read_wishes(program).open
    wishers = {
        person.pk: person for person in participants.filter(pk__in=[w.wisher for w in wishes])
    }
    doubts = {answer.participant_id: answer.participant for answer in doubtful_answers(program)}
    unknown = participants.not_answered().exclude(
        pk__in=Participant.objects.researched().values("pk")
    )
    found = [
        ("roles", unclear),
        ("flexible", flexible),
        ("wishes", [(wishers[w.wisher], f"“{w.text}”") for w in wishes if w.wisher in wishers]),
        ("doubts", [(person, "") for person in doubts.values()]),
        ("no_mentor", _without_mentor(board)),
        ("no_places", [(p, "") for p in people.mentors if not p.capacity]),
        ("unknown", [(person, "") for person in unknown]),
    ]
    return [OpenMatter(kind, len(all_), all_[:NAMED]) for kind, all_ in found if all_]


def _without_mentor(board: Board) -> list[tuple[Any, str]]:
    """Return the mentees that no mentor with a place may have, and why."""
    people = board.people
    mentors = [mentor for mentor in people.mentors if mentor.capacity]
    if not mentors:
        return []
    excluded = Counter(j for _, j in people.exclusions.pairs(mentors, people.mentees))
    found = []
    for place, mentee in enumerate(people.mentees):
        if excluded[place] == len(mentors):
            reasons = [people.exclusions.why(mentor, mentee) for mentor in mentors[:3]]
            words = "; ".join(
                f"{mentor}: {reason.detail}"
                for mentor, reason in zip(mentors, reasons, strict=False)
                if reason
            )
            found.append((cast(Any, mentee), words))
    return found

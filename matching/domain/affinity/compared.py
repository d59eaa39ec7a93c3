"""People compared in every respect of affinity, kept in memory while none of them changes.

Comparing what people wrote takes longer than all the rest of a proposal, and depends neither on
the weights nor on who is matched, locked or kept apart.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from matching.domain.affinity.answers import Said
from matching.domain.affinity.recent import Recent
from matching.domain.affinity.score import Affinity
from mentorship.models import Participant, Program

# Up to this many pairs something is worth keeping: beyond, one program would fill the memory.
TABLE_CELLS = 25_000_000
# A page asks several times in a row about the same program; more than a few are never in use.
_recent: Recent[Affinity] = Recent(4)


def affinity_of(
    program: Program,
    mentors: Sequence[Participant],
    mentees: Sequence[Participant],
    said: Said,
    weights: Mapping[str, int] | None = None,
    key: str = "",
) -> Affinity:
    """Give the affinity of these people by the program's weights or by others.

    `key` is their fingerprint, where it is known. Raises ValidationError if a weight is not a
    whole number from 0.
    """
    weights = program.affinity_weights if weights is None else weights
    key = key or fingerprint(program, mentors, mentees, said)
    known = _recent.get(key)
    if known is None:
        known = Affinity(program, mentors, mentees, said, weights)
        if len(mentors) * len(mentees) <= TABLE_CELLS:
            _recent.keep(key, known)
    return known.weighed(weights)


def fingerprint(
    program: Program, mentors: Sequence[Participant], mentees: Sequence[Participant], said: Said
) -> str:
    """Give the SHA-256 of everything that decides how alike these are, but for the weights."""
    # Names decide only where somebody may have been wished for by name.
    wishes = any(said.wishes.values())

    def about(person: Participant) -> list[Any]:
        return [
            person.pk, person.is_virtual, person.sector_id, person.career_stage, person.time_zone,
            person.notes, person.topics_wanted, person.topics_offered,
            person.name if wishes else "", said.answers.get(person.pk) if said.questions else None,
            said.free_hours.get(person.pk), said.wishes.get(person.pk),
        ]  # fmt: skip

    everything = [
        program.time_zone, program.starts_on.isoformat(),
        [[q.pk, q.kind, q.counts] for q in said.questions],
        [about(p) for p in mentors], [about(p) for p in mentees],
    ]  # fmt: skip
    return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()

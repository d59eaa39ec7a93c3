"""Which two people must not be matched, and why.

They are colleagues; or the committee said so (last year's pair, a wish); or one of them would
rather not meet the other, as their wish is read or decided; or they were introduced to each other
in this program already and the match was dissolved. A pair that the committee allows may be
matched in spite of all of these.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

from matching.domain.exclusions.colleagues import Colleagues
from matching.domain.exclusions.wish_decisions import read_wishes
from matching.models import KeepApart, Match, MentorAnswer
from mentorship.models import Participant, Program, SurveyResponse

Pair = tuple[int, int]  # keys of two people, the smaller first


def unordered(one: int, other: int) -> Pair:
    """Return the keys of two people in the order in which pairs are stored."""
    return min(one, other), max(one, other)


@dataclass(frozen=True)
class Exclusion:
    """Why two people must not be matched: `kind` is colleagues or kept_apart."""

    kind: str
    detail: str


@dataclass
class Exclusions:
    """All pairs of one program's people who must not be matched."""

    colleagues: Colleagues
    allowed: set[Pair] = field(default_factory=set)
    by_pair: dict[Pair, Exclusion] = field(default_factory=dict)
    wants_to_meet: dict[int, str] = field(default_factory=dict)
    would_not_meet: dict[int, str] = field(default_factory=dict)
    not_met_by: dict[int, list[str]] = field(default_factory=dict)
    # The keys of those whose wish waits for a decision: anybody may be meant by it.
    open_wishes: set[int] = field(default_factory=set)

    def why(self, mentor: Participant, mentee: Participant) -> Exclusion | None:
        """Return why these two must not be matched, None if they may be."""
        pair = unordered(mentor.pk, mentee.pk)
        if pair in self.allowed:
            return None
        if pair in self.by_pair:
            return self.by_pair[pair]
        if detail := self.colleagues.why(mentor, mentee):
            return Exclusion("colleagues", detail)
        return None

    def open_wish(self, mentor: Participant, mentee: Participant) -> str:
        """Return whose wish must be settled before these two are introduced, as a sentence."""
        if unordered(mentor.pk, mentee.pk) in self.allowed:
            return ""
        for person in (mentor, mentee):
            if person.pk in self.open_wishes:
                wish = self.would_not_meet[person.pk]
                return f"{person}’s wish not to be matched needs a decision: “{wish}”"
        return ""

    def pairs(
        self, mentors: Sequence[Participant], mentees: Sequence[Participant]
    ) -> Iterator[tuple[int, int]]:
        """Yield each excluded pair as (place in `mentors`, place in `mentees`), in order."""
        mentor_at = {mentor.pk: i for i, mentor in enumerate(mentors)}
        mentee_at = {mentee.pk: j for j, mentee in enumerate(mentees)}
        found = {
            (i, j)
            for i, j in self.colleagues.pairs(mentors, mentees)
            if unordered(mentors[i].pk, mentees[j].pk) not in self.allowed
        }
        for one, other in self.by_pair.keys() - self.allowed:
            for a, b in ((one, other), (other, one)):
                if a in mentor_at and b in mentee_at:
                    found.add((mentor_at[a], mentee_at[b]))
        yield from sorted(found)


def read_exclusions(program: Program, people: Collection[Participant]) -> Exclusions:
    """Read which of these people of a program must not be matched, in a few queries."""
    known = {person.pk: person for person in people}
    result = Exclusions(Colleagues(people, program.free_mail_domains))
    _add_hopes(result, program)
    _add_wishes(result, program, known)
    _add_dissolved(result, program)
    _add_declined(result, program, known)
    for row in KeepApart.objects.filter(program=program):
        pair = (row.first_id, row.second_id)
        if row.overruled:
            result.allowed.add(pair)
        elif row.reason == KeepApart.Reason.COLLEAGUES:
            result.by_pair[pair] = Exclusion("colleagues", row.note or "added by the committee")
        else:
            detail = row.get_reason_display() + (f": {row.note}" if row.note else "")
            result.by_pair[pair] = Exclusion("kept_apart", detail)
    return result


def _add_dissolved(result: Exclusions, program: Program) -> None:
    dissolved = Match.objects.filter(
        program=program, status=Match.Status.DISSOLVED, announced_at__isnull=False
    )
    for mentor_id, mentee_id, why in dissolved.values_list(
        "mentor_id", "mentee_id", "dissolved_why"
    ):
        detail = "their match was dissolved" + (f": {why}" if why else "")
        result.by_pair[unordered(mentor_id, mentee_id)] = Exclusion("kept_apart", detail)


def _add_declined(result: Exclusions, program: Program, known: dict[int, Participant]) -> None:
    declined = MentorAnswer.objects.filter(program=program, answer=MentorAnswer.Answer.DECLINED)
    for mentor_id, mentee_id in declined.values_list("mentor_id", "mentee_id"):
        mentor = known.get(mentor_id, "the mentor")
        exclusion = Exclusion("kept_apart", f"{mentor} was asked and declined")
        result.by_pair.setdefault(unordered(mentor_id, mentee_id), exclusion)


def _add_wishes(result: Exclusions, program: Program, known: dict[int, Participant]) -> None:
    """Add who would rather not meet each other, and the wishes that wait for a decision."""
    read = read_wishes(program)
    for pk, wish in read.wishes.items():
        for other in wish.apart_from & known.keys():
            result.not_met_by.setdefault(other, []).append(read.names[pk])
        if pk not in known:
            continue
        result.would_not_meet[pk] = wish.text
        if wish.is_open:
            result.open_wishes.add(pk)
        for other in wish.apart_from & known.keys():
            sentence = f"{known[pk]} would rather not meet {known[other]}"
            result.by_pair.setdefault(unordered(pk, other), Exclusion("kept_apart", sentence))


def _add_hopes(result: Exclusions, program: Program) -> None:
    answers = SurveyResponse.objects.filter(participant__program=program).newest()
    wanted = answers.exclude(wants_to_meet="").order_by("participant_id")
    result.wants_to_meet = dict(wanted.values_list("participant_id", "wants_to_meet"))

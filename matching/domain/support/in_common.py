"""What two matched people have in common, in words that both may read.

Nothing is told that one of them wrote for the committee's eyes: no text, no wish, no number of
affinity. A word is told only if both wrote it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from matching.domain.affinity.answers import read_newest_answers
from matching.domain.affinity.tf_idf import STOP_WORDS
from matching.domain.matches.people import People, read_people
from matching.models import Match
from mentorship.domain.text import fold, words_in
from mentorship.models import CareerStage, Participant, Question

_SHORTEST_WORD = 4
_WORDS_AT_MOST = 5
# What people write when they introduce themselves; it starts no conversation.
_EMPTY_WORDS = {
    "able", "about", "also", "anything", "career", "conference", "currently", "experience",
    "especially", "field", "getting", "good", "great", "happy", "help", "helpful", "interest",
    "interested", "interests", "know", "learn", "learning", "like", "looking", "love", "lots",
    "make", "making", "mentee", "mentor", "mentoring", "mentorship", "people", "person", "really",
    "some", "someone", "something", "talk", "talking", "talks", "thing", "things", "think", "time",
    "topics", "using", "various", "want", "well", "work", "worked", "working", "would", "year",
    "years", "advice", "discuss", "general", "questions", "share",
}  # fmt: skip
_STAGES = {stage: number for number, stage in enumerate(CareerStage.values)}


@dataclass(frozen=True)
class InCommon:
    """What two people share: short headings, each with a sentence, and words that both wrote."""

    facts: list[tuple[str, str]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)


def in_common(match: Match) -> InCommon:
    """Return what the two people of a match have in common."""
    people = read_people(match.program, only=[match.mentor_id, match.mentee_id])
    mentor, mentee = people.by_pk[match.mentor_id], people.by_pk[match.mentee_id]
    words = shared_words(mentor, mentee)
    facts = [
        *_fields(people, mentor, mentee),
        *_sector(mentor, mentee),
        *_seniority(mentor, mentee),
        *_attendance(mentor, mentee),
        *_answers(people, mentor, mentee),
    ]
    return InCommon(facts, words)


def shared_words(one: Participant, other: Participant) -> list[str]:
    """Return the words that both wrote about themselves, as the first wrote them, longest first."""
    names = {word for person in (one, other) for word in fold(person.name).split()}
    mine, theirs = _written(one), _written(other)
    telling = {
        plain: word
        for plain, word in mine.items()
        if plain in theirs
        and len(plain) >= _SHORTEST_WORD
        and not plain.isdigit()
        and plain not in STOP_WORDS | _EMPTY_WORDS | names
    }
    return [telling[plain] for plain in sorted(telling, key=lambda w: (-len(w), w))][
        :_WORDS_AT_MOST
    ]


def _written(person: Participant) -> dict[str, str]:
    """Return each word of a person's own texts, by its plain form."""
    text = " ".join((person.notes, person.topics_wanted, person.topics_offered))
    return {fold(word): word.casefold() for word in words_in(text)}


def _fields(people: People, mentor: Participant, mentee: Participant) -> list[tuple[str, str]]:
    shared = [field.name for field in people.shared_fields(mentor, mentee) if not field.is_other]
    if not shared:
        return []
    return [(", ".join(shared), "a field of both of you" if len(shared) == 1 else "your fields")]


def _sector(mentor: Participant, mentee: Participant) -> list[tuple[str, str]]:
    if not mentor.sector_id or mentor.sector_id != mentee.sector_id:
        return []
    return [(str(mentor.sector), "where both of you work")]


def _seniority(mentor: Participant, mentee: Participant) -> list[tuple[str, str]]:
    stages = [_STAGES.get(person.career_stage, -1) for person in (mentor, mentee)]
    if min(stages) < 0 or stages[0] <= stages[1]:
        return []
    return [("A few steps apart", "the mentor is further along in their career")]


def _attendance(mentor: Participant, mentee: Participant) -> list[tuple[str, str]]:
    if mentor.is_virtual and mentee.is_virtual:
        return [("Both attending virtually", "so you’ll meet on a call")]
    if mentor.attendance == mentee.attendance and mentor.attendance:
        place = mentor.program.place
        return [(f"Both in {place}" if place else "Both there in person", "so you can meet there")]
    return []


def _answers(people: People, mentor: Participant, mentee: Participant) -> list[tuple[str, str]]:
    """Return the same choices in the committee's own questions that count for a match."""
    answers = read_newest_answers(people.program)
    found = []
    for question in answers.questions:
        if question.kind == Question.Kind.TEXT:
            continue
        mine, theirs = (
            _chosen(answers.to_questions.get(person.pk, {}).get(str(question.pk)))
            for person in (mentor, mentee)
        )
        if same := [choice for choice in mine if choice in theirs]:
            found.append((", ".join(same), f"what both of you answered to “{question.text}”"))
    return found


def _chosen(answer: object) -> list[str]:
    return (
        [str(one) for one in answer] if isinstance(answer, list) else [str(answer)] * bool(answer)
    )

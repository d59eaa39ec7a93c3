"""The parts of affinity that people answered: the committee's own questions, wishes to meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import sparse

from matching.domain.affinity.text_similarity import FULL, Ints
from matching.domain.exclusions.affiliations import plain
from mentorship.models import Participant, Program, Question, SurveyResponse

_SAMPLE = 500


@dataclass
class NewestAnswers:
    """What the newest answers say that counts for affinity, by the participants' keys."""

    questions: list[Question] = field(default_factory=list)
    to_questions: dict[int, dict[str, Any]] = field(default_factory=dict)
    free_hours: dict[int, list[int]] = field(default_factory=dict)
    wishes: dict[int, str] = field(default_factory=dict)


def read_newest_answers(program: Program) -> NewestAnswers:
    """Read the newest answer of each person, in two queries."""
    counting = program.questions.exclude(counts=Question.Counting.NOT)
    result = NewestAnswers(list(counting))
    rows = SurveyResponse.objects.filter(participant__program=program).newest()
    for pk, to_questions, hours, wish in rows.order_by("participant_id").values_list(
        "participant_id", "other_answers", "free_hours", "wants_to_meet"
    ):
        result.to_questions[pk], result.free_hours[pk] = to_questions, hours
        result.wishes[pk] = wish
    return result


class SameAnswers:
    """A part: the mean, over the questions that count, of how similar the answers are.

    The same answer scores 1000 and any other 0. Where a question counts shared choices, the score
    is their share of the shorter answer. A person who skipped a question scores the average of
    those who did not.
    """

    def __init__(
        self, answers: NewestAnswers, mentors: Sequence[Participant], mentees: Sequence[Participant]
    ) -> None:
        every = [
            _OneQuestion(question, answers, mentors, mentees) for question in answers.questions
        ]
        self._questions = [one for one in every if one.known]
        self.known = bool(self._questions)

    def block(self, start: int, stop: int) -> Ints:
        """Return the scores of mentors `start` to `stop` (rows) with every mentee (columns)."""
        return self._mean([one.block(start, stop) for one in self._questions])

    def of_pairs(self, rows: Ints, columns: Ints) -> Ints:
        """Return the score of mentor `rows[k]` with mentee `columns[k]` for each k; shape (k,)."""
        return self._mean([one.of_pairs(rows, columns) for one in self._questions])

    def _mean(self, scores: list[Ints]) -> Ints:
        total: Ints = np.sum(scores, axis=0, dtype=np.int64)
        return total // len(scores)


class _OneQuestion:
    def __init__(
        self,
        question: Question,
        answers: NewestAnswers,
        mentors: Sequence[Participant],
        mentees: Sequence[Participant],
    ) -> None:
        sides = [
            [_choices(question, answers.to_questions.get(p.pk, {})) for p in side]
            for side in (mentors, mentees)
        ]
        place: dict[str, int] = {}
        for choices in (*sides[0], *sides[1]):
            for choice in sorted(choices):
                place.setdefault(choice, len(place))
        self._rows, self._columns = (_table(side, place) for side in sides)
        self._across = self._columns.T.tocsr()
        self._row_size, self._column_size = (np.array([len(c) for c in s]) for s in sides)
        rows, columns = np.flatnonzero(self._row_size), np.flatnonzero(self._column_size)
        self.known = bool(len(rows) and len(columns))
        self._average = 0
        if self.known:
            rows = rows[:: -(-len(rows) // _SAMPLE)]
            columns = columns[:: -(-len(columns) // _SAMPLE)]
            common = (self._rows[rows] @ self._columns[columns].T).toarray()
            size = np.minimum(self._row_size[rows, None], self._column_size[None, columns])
            self._average = int((FULL * common // size).sum()) // common.size

    def block(self, start: int, stop: int) -> Ints:
        common = (self._rows[start:stop] @ self._across).toarray()
        size = np.minimum(self._row_size[start:stop, None], self._column_size[None, :])
        return self._scaled(common, size)

    def of_pairs(self, rows: Ints, columns: Ints) -> Ints:
        common = np.asarray(self._rows[rows].multiply(self._columns[columns]).sum(axis=1))
        size = np.minimum(self._row_size[rows], self._column_size[columns])
        return self._scaled(common.reshape(-1), size)

    def _scaled(self, common: Any, size: Ints) -> Ints:
        return np.where(size > 0, FULL * common // np.maximum(size, 1), self._average)


def _choices(question: Question, answers: dict[str, Any]) -> set[str]:
    """Return an answer as a set of choices; where only the same answer counts, as one choice."""
    given = answers.get(str(question.pk))
    chosen = given if isinstance(given, list) else [given] if given else []
    if question.kind == Question.Kind.TEXT and question.counts == Question.Counting.OVERLAP:
        chosen = [piece for text in chosen for piece in str(text).replace(";", ",").split(",")]
    found = {plain(str(one)) for one in chosen} - {""}
    if question.counts == Question.Counting.SAME and found:
        return {"\n".join(sorted(found))}
    return found


def _table(side: list[set[str]], place: dict[str, int]) -> sparse.csr_matrix:
    columns = [sorted(place[choice] for choice in choices) for choices in side]
    starts = np.cumsum([0, *map(len, columns)])
    places = np.array([one for row in columns for one in row], dtype=np.int64)
    ones = np.ones(len(places), dtype=np.int64)
    return sparse.csr_matrix((ones, places, starts), shape=(len(side), max(len(place), 1)))


class MeetingWishes:
    """A part: 1000 where one of the two wrote that they would like to meet the other, else 0.

    A pair in which neither named anybody scores the average of the pairs in which somebody did.
    """

    def __init__(
        self, answers: NewestAnswers, mentors: Sequence[Participant], mentees: Sequence[Participant]
    ) -> None:
        self._wished = sparse.lil_matrix((len(mentors), len(mentees)), dtype=np.int64)
        for i, j in _named(answers, mentors, mentees):
            self._wished[i, j] = 1
        for j, i in _named(answers, mentees, mentors):
            self._wished[i, j] = 1
        self._rows = np.zeros(len(mentors), dtype=bool)
        self._columns = np.zeros(len(mentees), dtype=bool)
        self._rows[[i for i, _ in _named(answers, mentors, mentees)]] = True
        self._columns[[j for j, _ in _named(answers, mentees, mentors)]] = True
        self._wished = self._wished.tocsr()
        quiet = int((~self._rows).sum()) * int((~self._columns).sum())
        spoken = len(mentors) * len(mentees) - quiet
        self.known = spoken > 0
        self._average = FULL * self._wished.nnz // spoken if spoken else 0

    def block(self, start: int, stop: int) -> Ints:
        """Return the scores of mentors `start` to `stop` (rows) with every mentee (columns)."""
        spoken = self._rows[start:stop, None] | self._columns[None, :]
        return np.where(spoken, FULL * self._wished[start:stop].toarray(), self._average)

    def of_pairs(self, rows: Ints, columns: Ints) -> Ints:
        """Return the score of mentor `rows[k]` with mentee `columns[k]` for each k; shape (k,)."""
        wished = np.asarray(self._wished[rows, columns]).reshape(-1)
        spoken = self._rows[rows] | self._columns[columns]
        return np.where(spoken, FULL * wished, self._average)


def _named(
    answers: NewestAnswers, people: Sequence[Participant], others: Sequence[Participant]
) -> list[tuple[int, int]]:
    """Return (place in `people`, place in `others`) where one names the other in full."""
    wishes = [(i, f" {plain(answers.wishes.get(p.pk, ''))} ") for i, p in enumerate(people)]
    wishes = [(i, wish) for i, wish in wishes if wish.strip()]
    if not wishes:
        return []
    starting: dict[str, list[tuple[int, str]]] = {}
    for j, other in enumerate(others):
        if name := plain(other.name):
            starting.setdefault(name.split()[0], []).append((j, name))
    return [
        (i, j)
        for i, wish in wishes
        for word in sorted(set(wish.split()))
        for j, name in starting.get(word, ())
        if f" {name} " in wish
    ]

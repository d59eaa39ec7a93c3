"""The parts of affinity that people answered: the committee's own questions, wishes to meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from matching.domain.affinity.products import Products
from matching.domain.affinity.text_similarity import FULL, Ints
from matching.domain.affinity.tf_idf import Vectors
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
        self._common = Products(_vectors([*sides[0], *sides[1]]), *map(len, sides))
        self._row_size, self._column_size = (np.array([len(c) for c in s]) for s in sides)
        rows, columns = np.flatnonzero(self._row_size), np.flatnonzero(self._column_size)
        self.known = bool(len(rows) and len(columns))
        self._average = 0
        if self.known:
            rows = rows[:: -(-len(rows) // _SAMPLE)]
            columns = columns[:: -(-len(columns) // _SAMPLE)]
            scores = self._of_rows(rows)[:, columns]
            self._average = int(scores.sum()) // scores.size

    def block(self, start: int, stop: int) -> Ints:
        return self._of_rows(np.arange(start, stop))

    def of_pairs(self, rows: Ints, columns: Ints) -> Ints:
        size = np.minimum(self._row_size[rows], self._column_size[columns])
        return self._scaled(self._common.of_pairs(rows, columns), size)

    def _of_rows(self, rows: Ints) -> Ints:
        size = np.minimum(self._row_size[rows, None], self._column_size[None, :])
        return self._scaled(self._common.of_rows(rows), size)

    def _scaled(self, common: Any, size: Ints) -> Ints:
        shared = FULL * common.astype(np.int64) // np.maximum(size, 1)
        return np.where(size > 0, shared, self._average)


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


def _vectors(people: list[set[str]]) -> Vectors:
    """Return people's choices as vectors of zeros and ones."""
    place = {choice: k for k, choice in enumerate(sorted(set().union(*people)))}
    row = np.repeat(np.arange(len(people)), [len(choices) for choices in people])
    chosen = [place[choice] for choices in people for choice in sorted(choices)]
    feature = np.array(chosen, dtype=np.int64)
    return Vectors(row, feature, np.ones(len(feature), dtype=np.int64), len(place))


class MeetingWishes:
    """A part: 1000 where one of the two wrote that they would like to meet the other, else 0.

    A pair in which neither named anybody scores the average of the pairs in which somebody did.
    """

    def __init__(
        self, answers: NewestAnswers, mentors: Sequence[Participant], mentees: Sequence[Participant]
    ) -> None:
        by_mentors = _named(answers, mentors, mentees)
        by_mentees = _named(answers, mentees, mentors)
        self._rows = np.zeros(len(mentors), dtype=bool)
        self._columns = np.zeros(len(mentees), dtype=bool)
        self._rows[[i for i, _ in by_mentors]] = True
        self._columns[[j for j, _ in by_mentees]] = True
        wished = {*by_mentors, *((i, j) for j, i in by_mentees)}
        # Sorted, so that those of some mentors lie together.
        self._wished = np.array([i * len(mentees) + j for i, j in sorted(wished)], dtype=np.int64)
        quiet = int((~self._rows).sum()) * int((~self._columns).sum())
        spoken = len(mentors) * len(mentees) - quiet
        self.known = spoken > 0
        self._average = FULL * len(wished) // spoken if spoken else 0

    def block(self, start: int, stop: int) -> Ints:
        """Return the scores of mentors `start` to `stop` (rows) with every mentee (columns)."""
        spoken = self._rows[start:stop, None] | self._columns[None, :]
        scores = np.where(spoken, 0, self._average)
        before = start * len(self._columns)
        first, last = np.searchsorted(self._wished, [before, stop * len(self._columns)])
        scores.reshape(-1)[self._wished[first:last] - before] = FULL
        return scores

    def of_pairs(self, rows: Ints, columns: Ints) -> Ints:
        """Return the score of mentor `rows[k]` with mentee `columns[k]` for each k; shape (k,)."""
        spoken = self._rows[rows] | self._columns[columns]
        wished = np.isin(rows * len(self._columns) + columns, self._wished)
        return np.where(wished, FULL, np.where(spoken, 0, self._average))


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

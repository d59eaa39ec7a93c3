"""Decisions about sources: what waits to be confirmed, unclear words, rows that were refused."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import ngettext

from mentorship.domain.sources.open_words import (
    answer_question,
    open_questions,
    refused_rows,
    take_note,
)
from mentorship.interfaces.decisions.registry import (
    Button,
    DecisionKind,
    OpenCase,
    Settled,
    Waiting,
    register_decision,
    unknown_choice,
    waiting_row,
)
from mentorship.interfaces.sources.state import states_of
from mentorship.models import ImportSource, Program


def _find_sources(program: Program, at_most: int) -> Waiting:
    cases = [
        OpenCase(
            str(state.source.pk),
            str(state.source),
            state.sentence,
            reverse("source", args=[state.source.pk]),
        )
        for state in states_of(program)
        if state.tone == "danger" or state.draft or state.word == "paused"
    ]
    return Waiting(len(cases), cases[:at_most])


def _find_words(program: Program, at_most: int) -> Waiting:
    asked = open_questions(program)
    cases = [
        OpenCase(
            key,
            f"“{question['value']}”" if question["value"] else "A list",
            question["sentence"],
            reverse("source", args=[key.partition("-")[0]]),
            None,
            tuple(Button(value, words.capitalize()) for value, words in question["options"]),
        )
        for key, question in asked[:at_most]
    ]
    return Waiting(len(asked), cases)


def _settle_word(settled: Settled) -> str:
    word = answer_question(settled.program, settled.key, settled.choice, settled.by)
    return f"Saved what “{word}” means. The source is read again."


def _find_refused(program: Program, at_most: int) -> Waiting:
    sources = ImportSource.objects.filter(program=program).exclude(reviewed_at=None)
    refused = [(source, refused_rows(source, unseen=True)) for source in sources]
    cases = [
        OpenCase(
            str(source.pk),
            str(source),
            _first(rows),
            reverse("source", args=[source.pk]),
            None,
            (Button("seen", "Take note"),),
        )
        for source, rows in refused
        if rows
    ]
    return Waiting(sum(len(rows) for _, rows in refused), cases[:at_most])


def _first(rows: list[list[str]]) -> str:
    _, value, why = rows[0]
    more = f", and {len(rows) - 1} more" if rows[1:] else ""
    return f"{value or '(blank)'}: {why}{more}"


def _settle_refused(settled: Settled) -> str:
    sources = ImportSource.objects.filter(program=settled.program)
    source = waiting_row(sources, settled.key)
    if settled.choice != "seen":
        raise unknown_choice()
    take_note(source)
    return "Noted. These rows are not shown here again."


register_decision(
    DecisionKind(
        "source",
        "sync_problem",
        12,
        lambda total: (
            ngettext("%(n)d source needs you", "%(n)d sources need you", total) % {"n": total}
        ),
        _find_sources,
        "sources",
        "See the sources",
    )
)
register_decision(
    DecisionKind(
        "word",
        "dictionary",
        16,
        lambda total: (
            ngettext(
                "%(n)d word of a source is unclear", "%(n)d words of sources are unclear", total
            )
            % {"n": total}
        ),
        _find_words,
        "sources",
        "See the sources",
        settle=_settle_word,
        until_end=True,
    )
)
register_decision(
    DecisionKind(
        "refused",
        "block",
        17,
        lambda total: (
            ngettext(
                "%(n)d row of a source was not imported",
                "%(n)d rows of sources were not imported",
                total,
            )
            % {"n": total}
        ),
        _find_refused,
        "sources",
        "See the sources",
        settle=_settle_refused,
        until_end=True,
    )
)

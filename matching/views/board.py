"""The matching board: the page, and the parts of it that load by themselves."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse, JsonResponse
from django.template.response import TemplateResponse
from django.views.decorators.http import condition, require_safe

from matching.domain.board.board import Board, read_board
from matching.domain.board.find import FILTERS, FoundRows, Wanted, find, rows_from
from matching.domain.board.history import happenings, steps_of
from matching.domain.board.readiness import open_matters
from matching.domain.board.roster import BoardPerson
from matching.domain.matches.people import read_people
from matching.domain.matches.steps import version_of
from matching.interfaces.board.alternatives_card import alternatives_card
from matching.interfaces.board.buttons import BoardQuery, ChangesQuery, MenteeQuery, RowsQuery
from matching.interfaces.board.cards import pair_card, person_card
from matching.interfaces.board.choices import choices_for
from matching.interfaces.board.confirmations import swap_choices
from matching.interfaces.board.consequences import consequences_of
from matching.interfaces.board.update import steps_bar, update_since
from matching.models import Match
from matching.views.why import why_left_context
from mentorship.domain.programs.data_log import log_once_a_day
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import CommitteeRequest, committee_view

# So many rows come with the page, and again whenever the end of those comes into view.
ROWS_AT_ONCE = 40
STEPS_A_PAGE = 50


@committee_view
@require_safe
def show_board(request: CommitteeRequest) -> HttpResponse:
    """Return the board; `?mentee=` adds that person's card, `&to=` the warnings of a move."""
    query = BoardQuery(request.GET)
    asked = query.values_or_404()
    board = read_board(request.program)
    log_once_a_day(request.program, request.user, "matching board")
    context = _chosen(request, board, asked["mentee"], asked["to"])
    if context and asked["next"]:
        context |= _alternatives(request, board, context["chosen"])
    if asked["why"]:
        context |= why_left_context(request.program)
    found = find(board, query.wanted)
    context |= _query_context(query) | {
        "board": board,
        "chosen_pk": context["chosen"].pk if "chosen" in context else None,
        "found": found,
        "groups": _first_rows(found, asked["bin"], context.get("chosen_match")),
        "filters": [(name, words, name in asked["only"]) for name, words in FILTERS.items()],
        "bar": steps_bar(request.program, request.user),
    }
    if board.proposal is None:
        context["matters"] = open_matters(board)
    template = "matching/board/board.html"
    return committee_page(request, template, "Matching board", is_fullwidth=True, **context)


def _query_context(query: BoardQuery) -> dict[str, Any]:
    wanted: Wanted = query.wanted
    return {"wanted_text": wanted.text, "wanted_filters": wanted.filters, "wanted": wanted}


def _first_rows(found: FoundRows, whole: int | None, chosen: Match | None) -> list[dict[str, Any]]:
    """Return each group with the rows that come with the page: the first ones, and one whole bin.

    The bin with the chosen pair comes whole, so that the page can show that pair.
    """
    left, groups = ROWS_AT_ONCE, []
    for group in found.groups:
        mentors = {row.mentor.pk for row in group.rows}
        here = group.pk == whole or (chosen is not None and chosen.mentor_id in mentors)
        count = len(group.rows) if here else left
        rows = group.rows[:count]
        left = max(left - len(rows), 0)
        groups.append({"group": group, "rows": rows, "more": len(group.rows) > len(rows)})
    return groups


@committee_view
@require_safe
def show_rows(request: CommitteeRequest) -> HttpResponse:
    """Return the next rows of a bin, for the end of its list."""
    query = RowsQuery(request.GET)
    asked = query.values_or_404()
    board = read_board(request.program)
    found = find(board, query.wanted)
    group = next((one for one in found.groups if one.pk == asked["bin"]), None)
    rows, more = rows_from(board, group, asked["after"], ROWS_AT_ONCE) if group else ([], False)
    context = {"group": group, "rows": rows, "more": more, "chosen_pk": None}
    context |= _query_context(query)
    return TemplateResponse(request, "matching/board/rows.html", context)


@committee_view
@require_safe
def show_panel(request: CommitteeRequest) -> HttpResponse:
    """Return the card of `?mentee=`, for the side of the board."""
    asked = MenteeQuery(request.GET).values_or_404()
    board = read_board(request.program)
    log_once_a_day(request.program, request.user, "matching board")
    context = _chosen(request, board, asked["mentee"], None)
    return TemplateResponse(request, "matching/board/chosen.html", {"board": board, **context})


def _chosen(
    request: CommitteeRequest, board: Board, mentee: int | None, to: int | None
) -> dict[str, Any]:
    """Return what the panel of the chosen mentee shows; empty if there is no such mentee."""
    person = board.mentee(mentee)
    if person is None:
        return {}
    known = board.match_of(person.pk)
    match = Match.objects.filter(pk=known.pk).with_people().first() if known else None
    keys = [person.pk, *([match.mentor_id] if match else [])]
    people = read_people(request.program, only=keys)
    if person.pk not in people.by_pk:
        return {}
    choices = choices_for(board, person)
    going_to = next((choice for choice in choices if choice.mentor.pk == to), None)
    return {
        "chosen": people.by_pk[person.pk],
        "chosen_match": match,
        "card": pair_card(people, match) if match else None,
        "person_card": person_card(people, people.by_pk[person.pk], "mentee"),
        "choices": choices,
        "going_to": going_to,
        "swaps": swap_choices(board, person.pk, to) if to and not going_to else [],
        "full_mentor": board.people.by_pk.get(to or 0) if not going_to else None,
    }


@committee_view
@require_safe
def show_alternatives(request: CommitteeRequest) -> HttpResponse:
    """Return the part of the panel with alternative mentors for `?mentee=`."""
    asked = MenteeQuery(request.GET).values_or_404()
    board = read_board(request.program)
    person = board.mentee(asked["mentee"])
    if person is None:
        raise Http404("There is no such mentee.")
    context = _alternatives(request, board, person)
    return TemplateResponse(request, "matching/board/alternatives.html", context)


def _alternatives(request: CommitteeRequest, board: Board, person: BoardPerson) -> dict[str, Any]:
    try:
        card = alternatives_card(board, person)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        card = None
    return {
        "board": board,
        "chosen": person,
        "chosen_match": board.match_of(person.pk),
        "alternatives": card,
        "alternatives_asked": True,
    }


@committee_view
@require_safe
def show_consequences(request: CommitteeRequest) -> HttpResponse:
    """Return what each mentor would say to `?mentee=`: words, tone, and the mentors' keys."""
    asked = MenteeQuery(request.GET).values_or_404()
    board = read_board(request.program)
    person = board.mentee(asked["mentee"])
    if person is None:
        raise Http404("There is no such mentee.")
    return JsonResponse({"consequences": consequences_of(board, person)})


def _version(request: CommitteeRequest, *args: Any) -> str | None:
    return f'"{version_of(request.program)}"' if request.program else None


@committee_view
@require_safe
@condition(etag_func=_version)
def show_changes(request: CommitteeRequest) -> HttpResponse:
    """Return what has happened on the board after `?since=`; 304 where that is nothing."""
    asked = ChangesQuery(request.GET).values_or_404()
    return updated(request, asked["since"])


def updated(
    request: CommitteeRequest, seen: int, *, status: int = 200, **context: Any
) -> HttpResponse:
    """Return what has changed on the board after version `seen`, and what `context` says."""
    update = update_since(request.program, request.user, seen)
    response = TemplateResponse(
        request,
        "matching/board/update.html",
        {
            "update": update,
            "board": update.board,
            "chosen_pk": None,
            "bar": steps_bar(request.program, request.user),
            **context,
        },
        status=status,
    )
    response["X-Board-Version"] = str(update.board.version)
    return response


@committee_view
@require_safe
def show_history(request: CommitteeRequest) -> HttpResponse:
    """Return the page with everything that happened on the board."""
    page = Paginator(steps_of(request.program), STEPS_A_PAGE).get_page(request.GET.get("page"))
    return committee_page(
        request,
        "matching/board/history.html",
        "Board history",
        page=page,
        happenings=happenings(request.program, list(page.object_list), request.user),
        version=version_of(request.program),
    )

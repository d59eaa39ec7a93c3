"""What was found out about a program's people, kept in memory until anything about them changes.

The database computes a stamp of all rows that matching reads, so that nobody has to be read to
know that nothing has changed.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import wraps
from threading import Lock
from typing import Any, TypeVar

from cachetools import LRUCache
from django.db.models import Aggregate, Count, F, Func, Max, Model, OuterRef, Subquery, TextField
from django.db.models.functions import MD5

from matching.models import KeepApart, Match, MentorAnswer, WishDecision
from mentorship.domain.programs.statements import ProgramStatement
from mentorship.models import Field, Participant, Program, Question, Sector, SurveyResponse

T = TypeVar("T")
# More programs than this are never looked at in turns.
KEPT_AT_MOST = 4
# Each kind of row that can change, with its way to the program.
_ROWS: tuple[tuple[type[Model], str], ...] = (
    (Participant, "program"),
    (Participant.fields.through, "participant__program"),
    (Field, "program"),
    (Sector, "program"),
    (Question, "program"),
    (KeepApart, "program"),
    (MentorAnswer, "program"),
    (WishDecision, "participant__program"),
    (WishDecision.apart_from.through, "wishdecision__participant__program"),
)


class _RowText(Func):
    """Some columns of a row as one text that no other values have."""

    template = "ROW(%(expressions)s)::text"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="JSON_ARRAY(%(expressions)s)", **context)


class _Joined(Aggregate):
    """The first text of all rows behind one another, in the order of the second."""

    template = "STRING_AGG(%(expressions)s)"
    arg_joiner = ", '' ORDER BY "

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # It reads the rows in this order anyway, and can be told none before 3.44. What is second
        # stands between two of the first.
        template = "GROUP_CONCAT(%(expressions)s)"
        return self.as_sql(compiler, connection, template=template, arg_joiner=", ", **context)


def stamp_of(program: Program) -> Hashable:
    """Return what changes with each row that decides which pairs may and should be made.

    Those are all rows that matching reads of a program, except its live matches.
    """
    return _stamps.of(program)


def _digests() -> Any:
    """Return the query for the stamps of all programs."""
    digests = [_found(model._base_manager.all(), path, _digest(model)) for model, path in _ROWS]
    # Of matches, only those count that people knew of and that ended.
    ended = Match.objects.filter(status=Match.Status.DISSOLVED, announced_at__isnull=False)
    digests.append(_found(ended, "program", _digest(Match)))
    # Responses are added and never changed.
    responses = _RowText(Count("pk"), Max("pk"), output_field=TextField())
    digests.append(_found(SurveyResponse.objects.all(), "participant__program", responses))
    return Program.objects.values_list("pk", _row(Program), *digests)


def _found(rows: Any, path: str, aggregate: Any) -> Subquery:
    """Return an aggregate of those of these rows that belong to the program."""
    rows = rows.filter(**{path: OuterRef("pk")}).order_by().values(path)
    return Subquery(rows.annotate(found=aggregate).values("found"))


def _digest(model: type[Model]) -> MD5:
    return MD5(_Joined(_row(model), F("pk"), output_field=TextField()))


def _row(model: type[Model]) -> MD5:
    """Return a digest of a row with all its columns, so that none is forgotten that comes later."""
    columns = [F(column.attname) for column in model._meta.concrete_fields]
    return MD5(_RowText(*columns, output_field=TextField()))


_stamps = ProgramStatement(_digests)


def kept(
    also: Callable[[Program], Hashable] = lambda program: None, *, quickly_read: bool = False
) -> Callable[[Callable[[Program], T]], Callable[[Program], T]]:
    """Have what is read of a program read again only if its stamp has changed, or what `also` says.

    What is `quickly_read` is kept once it was read twice with nothing changed between: to learn
    that it may be kept takes as long as to read it, in vain while people answer. Everyone gets the
    same result, so nobody may change it.
    """

    def decorate(read: Callable[[Program], T]) -> Callable[[Program], T]:
        found: LRUCache[Hashable, T] = LRUCache(KEPT_AT_MOST)
        seen: LRUCache[int, Hashable] = LRUCache(KEPT_AT_MOST)
        lock = Lock()  # threads share what is kept

        @wraps(read)
        def read_or_kept(program: Program) -> T:
            before = (stamp_of(program), also(program))
            with lock:
                if before in found:
                    return found[before]
                worth_keeping = not quickly_read or seen.get(program.pk) == before
                seen[program.pk] = before
            result = read(program)
            # What somebody has changed meanwhile may be in the result already.
            if worth_keeping and (stamp_of(program), also(program)) == before:
                with lock:
                    found[before] = result
            return result

        return read_or_kept

    return decorate

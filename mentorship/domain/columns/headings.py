"""What the columns of a table are by their headings, and which of several is meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from mentorship.domain.columns.known import PAST, Column, plain, plain_heading
from mentorship.domain.columns.profiles import profile_of
from mentorship.domain.files.tables import Table
from mentorship.domain.meaning.attendance import read_attendance
from mentorship.domain.meaning.statuses import has_statuses
from mentorship.domain.meaning.times import is_clock, is_date, is_moment
from mentorship.domain.meaning.understanding import NotUnderstood
from mentorship.domain.meaning.willingness import direction_of, read_role, read_yes_no
from mentorship.models import Role

# "Q3.", "3)", "role." or "Q12_1" before a question; the code of a question that some tools write.
_CODE = re.compile(
    r"^(?:q?\d+[a-z]?(?:_\d+)?\s*[.:)]|[a-z]\w{0,24}(?:\[\w+\])?\.)\s+(?=\S)", re.IGNORECASE
)
# "HowManyMentees", as some tools name the column of a question.
_INNER_CAPITAL = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])")
_TAG = re.compile(r"</?[a-z][^<>]*>", re.IGNORECASE)
# Of taking part in something, as mentor or as mentee.
_TAKING_PART = re.compile(
    r"\b(take part|taking part|participat\w+|join\w*|sign up|interested in|program\w*|teilnehm\w*"
    r"|nehmen .*\bteil|mitmachen|dabei|particip\w+|deelnemen|meedoen|partecip\w+)\b"
)
# Of what a yes allows, and not of taking part.
_CONSENT = re.compile(r"\b(agree|consent|understand|aware|share|conduct|data|einverstanden)\b")
_PAST = re.compile(PAST)
_TIMES = ("registered_at", "submitted_at")
# Several columns may be one thing although their headings differ, if they never disagree.
_AGREEING = ("affiliation", "name", "first_name", "last_name", "order")
# The word for a name that is the first or the last name where the other one has its own column.
_HALF_NAMES = {"nom": "last_name", "nombre": "first_name", "nome": "first_name",
               "name": "first_name", "naam": "last_name"}  # fmt: skip


class Headings:
    """Finds for each thing that a table may say the columns in which it stands.

    `remembered` is what a committee has chosen before: plain heading → key, or "" for a column
    that is of no use. After it counts what the profile of the tool says that wrote the file.
    `keys` says for each column what it is, and `joined` are the columns that say one thing
    together. Columns of one key that are not joined disagree: one of them has to be chosen.
    """

    def __init__(
        self,
        table: Table,
        columns: Sequence[Column],
        remembered: Mapping[str, str],
    ) -> None:
        self.table, self.columns = table, columns
        self.by_key = {column.key: column for column in columns}
        self.exact = [plain(without_tags(heading)) for heading in table.headings]
        self.said = [plain_heading(without_tags(heading)) for heading in table.headings]
        self.shorter = [plain(without_code(heading)) for heading in table.headings]
        self.keys = [""] * len(table.headings)
        self.joined: set[int] = set()
        self.settled: set[int] = set()
        self.chosen = self._take(remembered, self.exact, repeated=True)
        profile = profile_of(table.headings)
        self._take(profile.columns if profile else {}, self.said, repeated=False)
        self._take_pair()
        self._take_gate()
        for by_pattern in (False, True):
            for column in columns:
                self._find(column, by_pattern=by_pattern)
        self._take_sentences()
        self._find_statuses()
        self._take_addresses_at_fault()
        self._sort_addresses()
        self._name_halves()
        for key in dict.fromkeys(filter(None, self.keys)):
            self._reduce(self.by_key[key])

    def positions(self) -> dict[str, list[int]]:
        """Return for each thing found its columns: key → positions."""
        found: dict[str, list[int]] = {}
        for place, key in enumerate(self.keys):
            if key:
                found.setdefault(key, []).append(place)
        return found

    def _take(
        self, choices: Mapping[str, str], headings: Sequence[str], *, repeated: bool
    ) -> set[int]:
        """Take the columns for what is said of their headings; give which these are."""
        taken, seen = set(), set()
        for place, heading in enumerate(headings):
            key = choices.get(heading)
            if place in self.settled or key is None or (key and key not in self.by_key):
                continue
            self.keys[place] = key if repeated or heading not in seen else ""
            seen.add(heading)
            taken.add(place)
        self.settled |= taken
        return taken

    def _find(self, column: Column, *, by_pattern: bool) -> None:
        if self._is_settled(column):
            return
        others = column.key in _READS and column.key in self.keys
        for place in range(len(self.said)):
            if place in self.settled or self.keys[place]:
                continue
            forms = {self.said[place], self.shorter[place]}
            if any(column.means(form, by_pattern=by_pattern) for form in forms) and not (
                self._cannot_be(column.key, place)
                or (others and not self._readable_any(column.key, [place]))
            ):
                self.keys[place] = column.key

    def _is_settled(self, column: Column) -> bool:
        """Return whether no more columns need be looked for."""
        if column.many:
            return False
        found = self.positions().get(column.key, [])
        if not self.settled.isdisjoint(found):
            return True
        # Of several addresses it has to be seen whose they are. And a "registration type" of
        # members and students leaves it to another column to say how people attend.
        return bool(found) and column.key != "address" and self._readable_any(column.key, found)

    def _readable_any(self, key: str, places: list[int]) -> bool:
        """Return whether something in these columns reads as what is looked for, if that can be."""
        read = _READS.get(key)
        return read is None or any(read(v) for place in places for v in self.table.values_of(place))

    def _cannot_be(self, key: str, place: int) -> bool:
        """Return whether a column holds something that is certainly not this."""
        values = self.table.values_of(place)
        if key in ("address", "buyer_address"):
            return bool(values) and not any("@" in value for value in values)
        if key in ("name", "first_name", "last_name", "ticket"):
            return "#" in self.table.headings[place]
        return False

    def _take_addresses_at_fault(self) -> None:
        """Take a column by its heading for addresses, though none is one, if no other has any."""
        if "address" not in self.by_key or "address" in self.keys:
            return
        columns = [self.table.values_of(place) for place in range(len(self.said))]
        if any("@" in value for values in columns for value in values):
            return
        for place, said in enumerate(self.said):
            if said in self.by_key["address"].headings and place not in self.settled:
                self.keys[place] = "address"
                return

    def _find_statuses(self) -> None:
        """Take columns for a status that are none by their heading, but say "refunded" somewhere.

        To this end they are looked through to their end: the first refund may come late.
        """
        if "status" not in self.by_key:
            return
        for place, heading in enumerate(self.table.headings):
            if not self.keys[place] and place not in self.settled and heading:
                values = set(self.table.column(place, len(self.table)))
                if has_statuses(heading, values):
                    self.keys[place] = "status"

    def _take_pair(self) -> None:
        """Take two yes/no questions, whether to be a mentor and whether to have one, for these."""
        if "can_mentor" not in self.by_key:
            return
        for place, heading in enumerate(self.table.headings):
            if place in self.settled or self.keys[place]:
                continue
            values = self.table.values_of(place)
            role = None if _PAST.search(self.said[place]) else direction_of(without_code(heading))
            if role and _are_yes_or_no(values):
                self.keys[place] = "can_mentor" if role == Role.MENTOR else "wants_mentor"

    def _take_gate(self) -> None:
        """Take a yes/no question whether to take part for this, if another one asks as what."""
        if not {"answer", "takes_part"} <= set(self.by_key):
            return
        asked = self.by_key["answer"]
        about = [
            place
            for place, heading in enumerate(self.said)
            if place not in self.settled
            and not self.keys[place]
            and any(asked.means(heading, by_pattern=by_pattern) for by_pattern in (False, True))
        ]
        gates = [
            place
            for place in about
            if (self.said[place] in asked.headings or _TAKING_PART.search(self.said[place]))
            and not _CONSENT.search(self.said[place])
            and _are_yes_or_no(self.table.values_of(place))
        ]
        roles = [place for place in about if self._readable_any("answer", [place])]
        # A question that does not say what it is about is not taken, but asked about.
        roles = roles or [p for p in range(len(self.said)) if p not in about and self._is_role(p)]
        if len(gates) == 1 and (roles or {"answer", "can_mentor", "wants_mentor"} & set(self.keys)):
            self.keys[gates[0]] = "takes_part"

    def _is_role(self, place: int) -> bool:
        """Return whether all that stands in an open column is roles."""
        values = self.table.values_of(place)
        is_open = not self.keys[place] and place not in self.settled
        return is_open and bool(values) and all(map(_names_a_role, values))

    def _take_sentences(self) -> None:
        """Take a question for the one about the role if it is one with its answers only.

        "I would like to" is answered "be a mentor", or has a column for each choice.
        """
        key = "answer" if "answer" in self.by_key else "role"
        if key not in self.by_key or {key, "can_mentor", "wants_mentor"} & set(self.keys):
            return
        questions: dict[str, list[int]] = {}
        for place, heading in enumerate(self.table.headings):
            if heading and not self.keys[place] and place not in self.settled:
                questions.setdefault(heading, []).append(place)
        asking = [
            places
            for question, places in questions.items()
            if not _PAST.search(plain(question)) and self._are_sentences(question, places)
        ]
        if len(asking) == 1:
            for place in asking[0]:
                self.keys[place] = key

    def _are_sentences(self, question: str, places: list[int]) -> bool:
        """Return whether each answer names a role, and the question, which does not, goes on so."""
        if len(plain(question).split()) < 2 or direction_of(question):
            return False
        choices = {choice for place in places if (choice := self.table.choice_of(place))}
        answers = choices or {value for place in places for value in self.table.values_of(place)}
        return bool(answers) and all(
            _names_a_role(each) and direction_of(f"{question} {each}") for each in answers
        )

    def _sort_addresses(self) -> None:
        """Tell the address that a survey asks for from that of the account, and the buyer's."""
        places = self._filled(self.by_key.get("address"), self.positions().get("address", []))
        accounts = self.positions().get("account_address", [])
        if not places and len(accounts) == 1 and accounts[0] not in self.settled:
            self.keys[accounts[0]] = "address"  # nobody asked for another one
        if len(places) < 2:
            return
        column = self.by_key["address"]
        exact = [p for p in places if column.means(self.said[p], by_pattern=False)]
        theirs, others = exact or places, ""
        if "buyer_address" in self.by_key:
            attendees = [p for p in places if re.search(column.first, self.said[p])]
            theirs, others = (attendees, "buyer_address") if attendees else (theirs, "")
        elif "account_address" in self.by_key:
            asked = [p for p in places if len(self.said[p].split()) > 3 or "your" in self.said[p]]
            theirs, others = (asked, "account_address") if len(asked) == 1 else (theirs, "")
        for place in set(self.positions()["address"]) - set(theirs) - self.settled:
            self.keys[place] = others

    def _name_halves(self) -> None:
        found = self.positions()
        if len(found.get("name", [])) != 1:
            return
        place = found["name"][0]
        half = _HALF_NAMES.get(self.said[place])
        firsts = found.get("first_name", [])
        if half == "first_name" and len(firsts) == 1 and not self._repeats(place, firsts[0]):
            half = "last_name"
        other = {"first_name": "last_name", "last_name": "first_name"}.get(half or "")
        if half and half not in found and other in found and place not in self.chosen:
            self.keys[place] = half

    def _repeats(self, place: int, part: int) -> bool:
        """Return whether the cells of a column contain those of another in the same row."""
        rows = zip(self.table.column(place), self.table.column(part), strict=True)
        return any(short and short in long for long, short in rows)

    def _reduce(self, column: Column) -> None:
        """Leave of several columns the one that is meant, or those that say it together."""
        places = self.positions()[column.key]
        if len(places) < 2:
            return
        if self.chosen & set(places):
            self.joined |= joined_columns(self.table, self.columns, self.keys) & set(places)
            return
        for reduce in (self._filled, self._first_of, self._readable, self._distinct):
            kept = reduce(column, places)
            for place in set(places) - set(kept):
                self.keys[place] = ""
            places = kept
            if len(places) == 1:
                return
            if _say_it_together(self.table, column, places):
                self.joined |= set(places)
                return
        if _are_one_question(self.table, column, places):
            self.joined |= set(places)

    def _filled(self, column: Column | None, places: list[int]) -> list[int]:
        return [place for place in places if self.table.values_of(place)] or places

    def _first_of(self, column: Column, places: list[int]) -> list[int]:
        return self._first(column, places)

    def _first(self, column: Column, places: list[int]) -> list[int]:
        if not column.first or column.key == "ticket":
            return places
        first = [place for place in places if re.search(column.first, self.said[place])]
        return first or places

    def _readable(self, column: Column, places: list[int]) -> list[int]:
        """Leave out the columns in which nothing reads as what is looked for."""
        read = _READS.get(column.key)
        if read is None:
            return places
        fitting = [p for p in places if any(read(value) for value in self.table.values_of(p))]
        return fitting or places

    def _distinct(self, column: Column, places: list[int]) -> list[int]:
        """Leave out the columns that say the same as one before them, row by row."""
        kept: dict[tuple[str, ...] | int, int] = {}
        for place in places:
            filled = self.table.values_of(place)
            kept.setdefault(tuple(self.table.column(place)) if filled else place, place)
        return list(kept.values())


def joined_columns(table: Table, columns: Sequence[Column], keys: Sequence[str]) -> set[int]:
    """Return the columns that say one thing together, if `keys` say what each of them is."""
    joined: set[int] = set()
    for column in columns:
        places = [place for place, key in enumerate(keys) if key == column.key]
        if len(places) > 1 and (
            _say_it_together(table, column, places) or _are_one_question(table, column, places)
        ):
            joined |= set(places)
    return joined


def _are_one_question(table: Table, column: Column, places: list[int]) -> bool:
    """Return whether these are the columns of a role's choices, of which several may be chosen."""
    headings = {plain(table.headings[place]) for place in places}
    return column.key in ("answer", "role") and len(headings) == 1


def _say_it_together(table: Table, column: Column, places: list[int]) -> bool:
    if column.many or any(table.choice_of(place) for place in places):
        return True
    if column.key in _TIMES:
        date, clock = (table.values_of(place) for place in (places[0], places[-1]))
        return len(places) == 2 and all(map(is_date, date)) and all(map(is_clock, clock))
    headings = {plain(table.headings[place]) for place in places}
    if column.key == "ticket":
        return len(places) == 2 and any(_VARIATION.search(heading) for heading in headings)
    if len(headings) > 1 and column.key not in _AGREEING:
        return False
    rows = zip(*(table.column(place, len(table)) for place in places), strict=True)
    return all(len({plain(cell) for cell in cells if cell}) < 2 for cells in rows)


_VARIATION = re.compile(r"^vari|^optie")


def _reads(read: Callable[[str], object], value: str) -> bool:
    try:
        read(value)
    except NotUnderstood:
        return False
    return True


def _are_yes_or_no(values: Sequence[str]) -> bool:
    """Return whether these answer a yes/no question; what is neither may stand among them."""
    return any(_reads(read_yes_no, value) for value in values) and not any(
        _names_a_role(value) for value in values
    )


def _names_a_role(value: str) -> bool:
    try:
        return bool(read_role(value))
    except NotUnderstood:
        return "mentor" in value.casefold() or "mentee" in value.casefold()


def _names_an_attendance(value: str) -> bool:
    return _reads(read_attendance, value)


_READS: dict[str, Callable[[str], bool]] = {
    "registered_at": is_moment,
    "submitted_at": is_moment,
    "answer": _names_a_role,
    "role": _names_a_role,
    "ticket": _names_an_attendance,
}


def without_tags(heading: str) -> str:
    """Return a heading without the HTML that some form tools leave in it."""
    return " ".join(_TAG.sub("", heading).split()) if "<" in heading else heading


def without_code(heading: str) -> str:
    """Return a heading without the code or number that some form tools write before a question."""
    heading = _CODE.sub("", without_tags(heading), count=1)
    return heading if " " in heading else _INNER_CAPITAL.sub(" ", heading)

"""What the board's address and its buttons send."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from matching.domain.board.find import FILTERS, Wanted
from matching.models import BoardStep, Match, Proposal
from mentorship.interfaces.posted import KeyField, LocalPathField, PostedForm
from mentorship.models import Participant, Program

ACTS = ("lock", "unlock", "bin", "dissolve", "note")


class FiltersField(forms.MultipleChoiceField):
    """Filters of the board; what is none is ignored."""

    def clean(self, value: Any) -> list[str]:
        return [name for name in FILTERS if name in (value or ())]


class BoardQuery(PostedForm):
    """What the board shows: the card of `mentee`, the warnings of a move `to` a mentor, …

    `next` and `why` have the parts of the page in it that otherwise load by themselves, `bin` is
    a bin to show with all its rows.
    """

    mentee = KeyField(required=False)
    to = KeyField(required=False)
    next = forms.BooleanField(required=False)
    why = forms.BooleanField(required=False)
    bin = KeyField(required=False)
    q = forms.CharField(required=False, max_length=200)
    only = FiltersField(required=False)

    @property
    def wanted(self) -> Wanted:
        """What is looked for. Call it on a valid form."""
        return Wanted(self.cleaned_data["q"], tuple(self.cleaned_data["only"]))


class RowsQuery(BoardQuery):
    """The next rows of a bin (0: without a field), after this mentor; none: from its first."""

    bin = KeyField()
    after = KeyField(required=False)


class MenteeQuery(PostedForm):
    """The mentee whose card, alternative mentors or consequences are asked for."""

    mentee = KeyField()


class ChangesQuery(PostedForm):
    """The version of the board that the browser has."""

    since = KeyField()


class BoardForm(PostedForm):
    """What each action of the board sends along: the version of the board that was seen."""

    seen = KeyField(required=False)


class MoveForm(BoardForm):
    """A mentee and their new mentor, in this program; `read`: what is asked first.

    `dropped`: what it would cost was on the screen before. `nobody` unmatches.
    """

    mentee = forms.ModelChoiceField(Participant.objects.none())
    mentor = forms.ModelChoiceField(Participant.objects.none(), required=False)
    nobody = forms.BooleanField(required=False)
    next = LocalPathField()
    dropped = forms.BooleanField(required=False)
    read = forms.BooleanField(required=False)

    def __init__(self, program: Program, data: Any) -> None:
        super().__init__(data)
        people = Participant.objects.filter(program=program).select_related("program")
        _offer(self, people, "mentee", "mentor")


class SwapForm(BoardForm):
    """Two mentees of this program who change places; `read`: what is asked first."""

    mentee = forms.ModelChoiceField(Participant.objects.none())
    other = forms.ModelChoiceField(Participant.objects.none())
    read = forms.BooleanField(required=False)

    def __init__(self, program: Program, data: Any) -> None:
        super().__init__(data)
        people = Participant.objects.filter(program=program).select_related("program")
        _offer(self, people, "mentee", "other")


class LockForm(BoardForm):
    """A match of this program, as the value of the button that was pressed."""

    lock = forms.ModelChoiceField(Match.objects.none(), required=False)
    unlock = forms.ModelChoiceField(Match.objects.none(), required=False)

    def __init__(self, program: Program, data: Any) -> None:
        super().__init__(data)
        _offer(self, Match.objects.filter(program=program), "lock", "unlock")

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if not (said.get("lock") or said.get("unlock")):
            raise forms.ValidationError("Choose a match.")
        return said


class MatchesField(forms.Field):
    """One or several matches by their keys, as a list of Match."""

    widget = forms.MultipleHiddenInput
    default_error_messages = {"invalid": "There is no such match."}
    queryset: Any = Match.objects.none()

    def clean(self, value: Any) -> list[Match]:
        keys = {cast(int, KeyField().clean(one)) for one in value or ()}
        found = list(self.queryset.filter(pk__in=keys).order_by("pk")) if keys else []
        if len(found) < len(keys):
            raise forms.ValidationError(self.error_messages["invalid"])
        return found


class ActForm(BoardForm):
    """An action on matches of this program, and the page to go on to.

    `why` is the reason for dissolving them, `bin` the key of their new bin, `note` the new note.
    """

    do = forms.ChoiceField(choices=[(act, act) for act in ACTS])
    match = MatchesField()
    why = forms.CharField(required=False)
    bin = KeyField(required=False)
    note = forms.CharField(required=False)
    next = LocalPathField()

    def __init__(self, program: Program, data: Any) -> None:
        super().__init__(data)
        _offer(self, Match.objects.filter(program=program).select_related("program"), "match")


class StepForm(BoardForm):
    """A step of this program to undo or redo; without one, the member's own last.

    `sure`: that people who were told of a pair are concerned has been read.
    """

    step = forms.ModelChoiceField(BoardStep.objects.none(), required=False)
    sure = forms.BooleanField(required=False)
    next = LocalPathField()

    def __init__(self, program: Program, data: Any) -> None:
        super().__init__(data)
        _offer(self, BoardStep.objects.filter(program=program), "step")


class CompareQuery(PostedForm):
    """Two proposals of this program to compare; 0 or nothing is the board."""

    one = forms.ModelChoiceField(Proposal.objects.none(), required=False)
    other = forms.ModelChoiceField(Proposal.objects.none(), required=False)

    def __init__(self, program: Program, data: Any) -> None:
        super().__init__({name: value for name, value in data.items() if value != "0"})
        _offer(self, Proposal.objects.filter(program=program), "one", "other")


class ApplyForm(PostedForm):
    """A proposal of this program to apply."""

    proposal = forms.ModelChoiceField(Proposal.objects.none())

    def __init__(self, program: Program, data: Any) -> None:
        super().__init__(data)
        _offer(self, Proposal.objects.filter(program=program), "proposal")


def _offer(form: forms.Form, rows: Any, *names: str) -> None:
    for name in names:
        field: Any = form.fields[name]
        field.queryset = rows

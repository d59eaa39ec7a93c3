"""What the board's address and its buttons send."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms

from matching.models import Match
from mentorship.interfaces.posted import KeyField, LocalPathField, PostedForm
from mentorship.models import Participant

if TYPE_CHECKING:
    from django.contrib.auth.models import User


class BoardQuery(PostedForm):
    """What the board shows: the card of `mentee`, the warnings of a move `to` a mentor, …

    `next` and `why` have the parts of the page in it that otherwise load by themselves.
    """

    mentee = KeyField(required=False)
    to = KeyField(required=False)
    next = forms.BooleanField(required=False)
    why = forms.BooleanField(required=False)


class AlternativesQuery(PostedForm):
    """The mentee whose alternative mentors are asked for."""

    mentee = KeyField()


class MoveForm(PostedForm):
    """A mentee and their new mentor, in one of the user's programs; `read`: the warnings."""

    mentee = forms.ModelChoiceField(Participant.objects.none())
    mentor = forms.ModelChoiceField(Participant.objects.none(), required=False)
    read = forms.BooleanField(required=False)

    def __init__(self, user: User, data: Any) -> None:
        super().__init__(data)
        people = Participant.objects.of(user).select_related("program")
        _offer(self, people, "mentee", "mentor")


class LockForm(PostedForm):
    """A match of one of the user's programs, as the value of the button that was pressed."""

    lock = forms.ModelChoiceField(Match.objects.none(), required=False)
    unlock = forms.ModelChoiceField(Match.objects.none(), required=False)

    def __init__(self, user: User, data: Any) -> None:
        super().__init__(data)
        _offer(self, Match.objects.of(user), "lock", "unlock")

    def clean(self) -> dict[str, Any]:
        said = self.cleaned_data
        if not (said.get("lock") or said.get("unlock")):
            raise forms.ValidationError("Choose a match.")
        return said


class ActForm(PostedForm):
    """An action on a match of one of the user's programs, and the page to go on to.

    `why` is the reason for dissolving it, `bin` the key of its new bin.
    """

    do = forms.ChoiceField(choices=[(act, act) for act in ("lock", "unlock", "bin", "dissolve")])
    match = forms.ModelChoiceField(Match.objects.none())
    why = forms.CharField(required=False)
    bin = KeyField(required=False)
    next = LocalPathField()

    def __init__(self, user: User, data: Any) -> None:
        super().__init__(data)
        _offer(self, Match.objects.of(user), "match")


def _offer(form: forms.Form, rows: Any, *names: str) -> None:
    for name in names:
        field: Any = form.fields[name]
        field.queryset = rows

"""What the page of a help request posts: what to do with it, and which rematch to apply."""

from __future__ import annotations

from typing import Any

from django import forms

from matching.domain.support.handling import owners_of
from matching.models import Concern
from mentorship.interfaces.posted import KeyField, PostedForm

ACTS = ("take", "assign", "due", "note", "settle", "reopen")
LONGEST_TEXT = 5000


class HandleForm(PostedForm):
    """A button of the page, with what was typed beside it and the last entry that was seen.

    `owner` is empty for nobody, `due_on` for now.
    """

    do = forms.ChoiceField(choices=[(act, act) for act in ACTS])
    seen = KeyField()
    text = forms.CharField(required=False, max_length=LONGEST_TEXT)
    owner = forms.ModelChoiceField(Concern.objects.none(), required=False)
    due_on = forms.DateField(
        required=False, error_messages={"invalid": "Enter the day as 2027-07-31."}
    )

    def __init__(self, concern: Concern, data: Any) -> None:
        super().__init__(data)
        owner = self.fields["owner"]
        assert isinstance(owner, forms.ModelChoiceField)
        owner.queryset = owners_of(concern)


class RematchQuery(PostedForm):
    """The rematch whose emails are shown, by its key; none: the best."""

    option = forms.CharField(required=False, max_length=200)


class RematchForm(PostedForm):
    """A rematch to apply, with the mark of what was shown of it."""

    option = forms.CharField(max_length=200)
    mark = forms.CharField(max_length=64)
    settles = forms.BooleanField(required=False)

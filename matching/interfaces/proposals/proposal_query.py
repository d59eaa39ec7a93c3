"""What the address of a new proposal, or its button, says."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.http import urlencode

from matching.domain.proposals.runs import Together
from mentorship.interfaces.posted import KeyField, PostedForm

_WORDS = "Choose a mentor and a mentee who are taking part."


class ProposalQuery(PostedForm):
    """Two people who are to be a pair, if any; `why` explains the proposal at once.

    `seen` is the digest of the outcome that is to be saved.
    """

    mentor = KeyField(required=False, error_messages={"invalid": _WORDS})
    mentee = KeyField(required=False, error_messages={"invalid": _WORDS})
    why = forms.BooleanField(required=False)
    seen = forms.CharField(required=False, max_length=64)

    def together(self) -> Together:
        """Return the keys of the mentor and the mentee who are to be a pair, or None.

        Raise ValidationError if only one is given, or one is no key.
        """
        if not self.is_valid():
            raise ValidationError(self.sentence)
        mentor, mentee = self.cleaned_data["mentor"], self.cleaned_data["mentee"]
        if mentor is None and mentee is None:
            return None
        if mentor is None or mentee is None:
            raise ValidationError(_WORDS)
        return mentor, mentee


def proposal_address(together: Together) -> str:
    """Return the address of a new proposal, with these two as a pair if they are given."""
    address = reverse("propose_matches")
    if not together:
        return address
    return f"{address}?{urlencode(dict(zip(('mentor', 'mentee'), together, strict=True)))}"

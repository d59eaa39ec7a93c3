"""What the intake form sends besides the answers, and the answers as they were typed."""

from __future__ import annotations

import re

from django.http import QueryDict

from mentorship.interfaces.intake.form import IntakeForm
from mentorship.interfaces.posted import KeyField, PostedForm

_OWN_QUESTION = re.compile(r"question_\d{1,18}")


class FormState(PostedForm):
    """What the page knew when it was opened.

    `seen` is the response that counted (0 for none), `version` that of the draft (0 for none); None
    is an older page, which did not say.
    """

    seen = KeyField(required=False)
    version = KeyField(required=False)


def typed_in(posted: QueryDict) -> dict[str, list[str]]:
    """Return what was typed into each question of the form, valid or not."""
    return {
        name: [str(value) for value in posted.getlist(name)]
        for name in posted
        if name in IntakeForm.base_fields or _OWN_QUESTION.fullmatch(name)
    }

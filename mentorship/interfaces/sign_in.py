"""The committee's sign-in form."""

from __future__ import annotations

from unfold.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    """Unfold's form, with what it refuses said to a committee instead of to staff."""

    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "This username and password don’t match an account on a committee. "
        "Check both, capital letters too.",
    }

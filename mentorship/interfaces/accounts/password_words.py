"""Passwords that consist of what everyone knows of this site."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError

from mentorship.domain.programs.security_log import log_security
from mentorship.models import Program

if TYPE_CHECKING:
    from django.contrib.auth.models import User

_OF_THE_PRODUCT = ("mentorship", "mentors", "mentor", "mentees", "mentee", "committee",
                   "conference", "program", "password", "chair", "admin")  # fmt: skip
_SHORTEST = 4
# So many characters that nobody knows of the site have to be left.
_LEFT_AT_LEAST = 6


class PasswordWordsValidator:
    """Refuses a password that is a word of this site with little more: scipy-mentors2027."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError if too little is left without the site's own words."""
        typed = left = password.casefold()
        for word in sorted(_words(), key=len, reverse=True):
            left = left.replace(word, "")
        if left != typed and len(re.sub(r"\d{4}|[\W_]", "", left)) < _LEFT_AT_LEAST:
            raise ValidationError(self.get_help_text(), code="password_of_site_words")

    def get_help_text(self) -> str:
        return "Your password can’t be the name of the site or the conference with little more."

    def password_changed(self, password: str, user: User | None = None) -> None:
        """Log that an account has another password; Django tells each validator."""
        log_security("password set", user)


def _words() -> set[str]:
    """Return the words of this site: what it is, its host's name, and its programs' names."""
    said: list[Any] = [*_OF_THE_PRODUCT, urlsplit(settings.SITE_URL).hostname or ""]
    for names in Program.objects.values_list("name", "slug"):
        said += names
    found = {part for each in said for part in re.findall(r"[^\W\d_]+", each.casefold())}
    return {word for word in found if len(word) >= _SHORTEST}

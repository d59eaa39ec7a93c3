"""Keeping a shop's token: encrypted with the site's key, which no copy of the database has."""

from __future__ import annotations

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils.crypto import salted_hmac

from mentorship.domain.sources.web.trouble import SourceTrouble


def seal(token: str) -> str:
    """Return a token encrypted."""
    return _keys().encrypt(token.encode()).decode()


def unseal(sealed: str) -> str:
    """Return the token. Raise SourceTrouble if the site's key is another by now."""
    try:
        return _keys().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise SourceTrouble(
            "The token cannot be read any more, because the site has another secret key than "
            "before. Enter the token again.",
            lasts=True,
        ) from error


def _keys() -> MultiFernet:
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    digests = (
        salted_hmac("source token", "", secret=str(secret), algorithm="sha256").digest()
        for secret in secrets
    )
    return MultiFernet([Fernet(base64.urlsafe_b64encode(digest)) for digest in digests])

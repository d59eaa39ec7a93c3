"""What the web server loads."""

import os
from typing import Any

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mentorship.settings")


class Utf8Request(WSGIRequest):
    """A request whose text is UTF-8, whatever it says about itself.

    Django would read it in any of Python's encodings before anything can refuse it, and some of
    those are no encodings of text. OddRequestMiddleware refuses what is not UTF-8.
    """

    @property
    def encoding(self) -> str | None:
        return None

    @encoding.setter
    def encoding(self, named: str | None) -> None:
        pass


class Handler(WSGIHandler):
    request_class: Any = Utf8Request


django.setup(set_prefix=False)
application = Handler()

# The addresses load the pages. Without this the first request would wait for them.
import mentorship.urls  # noqa: E402, F401

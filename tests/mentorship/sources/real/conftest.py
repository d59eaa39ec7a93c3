"""A real pretix for the soak, and a machine between it and us that misbehaves when told to."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from collections.abc import Iterator

import pytest

from tests.mentorship.sources.real import pretix_server as pretix


@pytest.fixture
def shop(tmp_path, settings) -> Iterator[pretix.Pretix]:
    """A pretix with an event in which nobody has bought anything yet."""
    assert pretix.is_there(), pretix.MISSING
    server = pretix.Pretix(tmp_path / "pretix")
    server.write()
    server.keys = server.do("set_up")
    server.start()
    yield server
    server.stop()


class Between(dict):
    """Hands every request on to a shop, or answers it by itself while it has a `mood`.

    A mood is a status, with headers, or the seconds for which each answer is late.
    """

    def __init__(self, shop: pretix.Pretix) -> None:
        self.shop, self.mood, self.late, self.requests = shop, None, 0.0, 0

    def get(self, path, default=None):
        return self.answer

    def answer(self, handler):
        self.requests += 1
        time.sleep(self.late)
        if self.mood:
            status, headers = self.mood
            return status, headers, b"{}"
        asked = urllib.request.Request(
            self.shop.url + handler.path,
            headers={"Authorization": handler.headers["Authorization"]},
        )
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return answer.status, {}, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, {}, error.read()
        except urllib.error.URLError:
            return 502, {}, b"{}"


@pytest.fixture
def between(web, shop) -> Between:
    """The machine between the shop and us; its address is that of `web`."""
    web.pages = Between(shop)
    return web.pages

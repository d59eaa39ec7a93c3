"""Requests of a page that wait until the test answers them."""

from __future__ import annotations

import time

from playwright.sync_api import Page, Route

from tests.services import SURELY_WITHIN_SECONDS


class Held:
    """What a page asks for at addresses of one pattern; `routes` are those that have come so far.

    A request comes here later than the page has made it, or has shown that it did.
    """

    def __init__(self, page: Page, pattern: str) -> None:
        self._page = page
        self.routes: list[Route] = []
        page.route(pattern, lambda route: self.routes.append(route))

    def first(self) -> Route:
        """Return the first of them once it is there; fail if none comes in time."""
        deadline = time.monotonic() + SURELY_WITHIN_SECONDS
        while not self.routes:
            assert time.monotonic() < deadline, "nothing was asked for"
            self._page.wait_for_timeout(10)  # lets it come
        return self.routes[0]

"""What the tests share: a mail server, browser pages, signing in, worker processes."""

from __future__ import annotations

import email
import email.policy
import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from django.conf import settings
from django.db import connection
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests import chromium, databases
from tests.services import SURELY_WITHIN_SECONDS, free_port, wait_for_port

if TYPE_CHECKING:  # what only some runs use takes its time to import
    from playwright.sync_api import Browser, BrowserContext, Page

ROOT = Path(__file__).parent.parent
DESK = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
# The long forms of tests run under `make soak`.
LONG = "SOAK" in os.environ

# Playwright's synchronous interface runs an event loop in the thread that also uses the database.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
logging.getLogger("mail.log").setLevel(logging.WARNING)  # aiosmtpd's, with a line a command
# Within which it has to have started; by itself it says five seconds.
os.environ["AIOSMTPD_CONTROLLER_TIMEOUT"] = str(SURELY_WITHIN_SECONDS)

hypothesis_settings.register_profile(
    "default", deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
hypothesis_settings.register_profile(
    "soak", deadline=None, suppress_health_check=list(HealthCheck), max_examples=3000
)
hypothesis_settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


NEEDS_SERVERS = (
    "{} needs a database or a server, and this run started none: see PLAIN in tests/services.py."
)
DATABASE_FIXTURES = {"db", "transactional_db", "django_db_setup", "live_server"}
SERVER_FIXTURES = {"smtp", "start_process"}


def kind_of_test(item: pytest.Item) -> str:
    """Return the marker of a test: what it says itself, or else what its fixtures make it."""
    if said := {mark.name for mark in item.iter_markers()} & {"unit", "integration", "browser"}:
        return said.pop()
    fixtures = set(getattr(item, "fixturenames", ()))
    if "browser" in fixtures or item.path.is_relative_to(ROOT / "tests" / "browser"):
        return "browser"
    if fixtures & (DATABASE_FIXTURES | SERVER_FIXTURES) or item.get_closest_marker("django_db"):
        return "integration"
    return "unit"


def is_of_the_soak(item: pytest.Item) -> bool:
    """Return whether a test is left to `make soak`, which installs the servers of each `real`."""
    return bool(item.get_closest_marker("soak")) or "real" in item.path.relative_to(ROOT).parts


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    left = [item for item in items if is_of_the_soak(item)] if not LONG else []
    if left:
        config.hook.pytest_deselected(items=left)
        items[:] = [item for item in items if item not in left]
    for item in items:
        item.add_marker(kind_of_test(item))
        if "client" in getattr(item, "fixturenames", ()) and not item.get_closest_marker("each"):
            item.add_marker("once")
        if not (settings.configured or item.get_closest_marker("unit")):
            raise pytest.UsageError(NEEDS_SERVERS.format(item.nodeid))


def pytest_configure() -> None:
    if not settings.configured:  # a run of plain tests, which know no Django
        return
    # The hashed names of static files come from `collectstatic`, which a test run does not need.
    settings.STORAGES["staticfiles"] = {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
    }
    settings.STATIC_ROOT.mkdir(parents=True)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    if databases.TO_BE_COPIED in os.environ:
        databases.copy_for_tests(connection)


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """Whether Django may find the test database there: a copy, which ends with its folder."""
    return databases.TO_BE_COPIED in os.environ and connection.vendor == "sqlite"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker) -> None:
    """Make the database, and a quick way back to it after each test that commits."""
    from django.test import TransactionTestCase

    import mentorship.urls  # noqa: F401 - what pages register is there, as on a server
    from tests.emptying import Emptying

    with django_db_blocker.unblock():
        empty = Emptying()
    TransactionTestCase._fixture_teardown = lambda self: empty()


@dataclass
class MailServer:
    """A real SMTP server that keeps what it is handed, in the order in which it came."""

    port: int
    messages: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str, list[str]]] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_DATA(self, server, session, envelope) -> str:
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        with self.arrived:
            self.messages.append(message)
            self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos)))
            self.arrived.notify_all()
        return "250 OK"

    def wait_for(self, count: int, seconds: float = SURELY_WITHIN_SECONDS) -> None:
        """Return once `count` messages have come; fail the test if they do not in time."""
        with self.arrived:
            came = self.arrived.wait_for(lambda: len(self.messages) >= count, seconds)
        assert came, f"{len(self.messages)} of {count} mails came within {seconds} s"


@contextmanager
def run_mail_server(server: MailServer, settings) -> Iterator[MailServer]:
    """Run a mail server, and let Django's mail go to it."""
    from aiosmtpd.controller import Controller

    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = server.port
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    yield server
    controller.stop()


@pytest.fixture
def smtp(settings) -> Iterator[MailServer]:
    """A mail server, to which Django's mail of this test goes."""
    with run_mail_server(MailServer(port=free_port()), settings) as server:
        yield server


def database_url() -> str:
    """Return the DATABASE_URL with which another process gets to the test's own database."""
    database = connection.settings_dict
    if connection.vendor != "postgresql":
        return f"sqlite:///{database['NAME']}"
    host = database["OPTIONS"].get("host") or database["HOST"]
    return (
        f"postgres://{database['USER']}:{database['PASSWORD'] or ''}@/{database['NAME']}"
        f"?host={host}" + (f"&port={database['PORT']}" if database["PORT"] else "")
    )


@pytest.fixture
def start_process(tmp_path) -> Iterator[Callable[..., subprocess.Popen]]:
    """Start one of the project's processes on the test's own database and servers.

    `start_process("-m", "celery", ..., EMAIL_URL=smtp.url)` runs Python with these arguments and
    variables; whatever still runs when the test ends is killed.
    """
    started: list[subprocess.Popen] = []

    def start(*args: str, **variables: str) -> subprocess.Popen:
        environment = os.environ | {"DATABASE_URL": database_url()} | variables
        process = subprocess.Popen([sys.executable, *args], cwd=ROOT, env=environment)
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def connection_number() -> int:
    """Return by what PostgreSQL knows this thread's connection; 0 on SQLite."""
    if connection.vendor != "postgresql":
        return 0
    connection.ensure_connection()
    return connection.connection.info.backend_pid


def end_connection(number: int) -> None:
    """End a connection from another thread, as a restart of PostgreSQL does."""

    def end() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s)", [number])
        connection.close()

    if number:
        thread = threading.Thread(target=end)
        thread.start()
        thread.join()


def waiting() -> set[int]:
    """Return by what PostgreSQL knows those who wait for another's lock in the test database.

    The server has a database for each of the processes that test at once. What waits for a row
    names no database there, but it holds a lock on the row's table, which does.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT waits.pid FROM pg_locks AS waits JOIN pg_locks AS holds USING (pid)"
            " JOIN pg_database ON pg_database.oid = holds.database"
            " WHERE NOT waits.granted AND datname = current_database()"
        )
        return {pid for (pid,) in cursor.fetchall()}


def until_somebody_waits_for_a_lock() -> None:
    """Return once a connection to the test database waits for another; fail if none in time."""
    deadline = time.monotonic() + SURELY_WITHIN_SECONDS
    while not waiting():
        assert time.monotonic() < deadline, "nobody waits for a lock"
        time.sleep(0.01)


def connected() -> set[int]:
    """Return by what PostgreSQL knows those who are connected to the test database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return {pid for (pid,) in cursor.fetchall()}


def until_all_have_left_but(these: set[int]) -> None:
    """Return once nobody but these is connected to the test database; fail if others stay."""
    deadline = time.monotonic() + SURELY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        if connected() <= these:
            return
        time.sleep(0.01)
    raise AssertionError("somebody is still connected to the database")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=SURELY_WITHIN_SECONDS * 1000)
    path = chromium.find()
    if not path:
        pytest.fail(chromium.NONE_FOUND)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=chromium.FLAGS, timeout=SURELY_WITHIN_SECONDS * 1000
        )
        yield browser
        browser.close()


STORED = "local_storage,indexeddb,service_workers,cache_storage"


class UnderWay:
    """Knows how many requests the live server's threads are answering."""

    def __init__(self) -> None:
        from django.core.signals import request_finished, request_started

        self._number = 0
        self._changes = threading.Condition()
        request_started.connect(self._begins)
        request_finished.connect(self._ends)

    def _begins(self, **_: object) -> None:
        self._count(1)

    def _ends(self, **_: object) -> None:
        self._count(-1)

    def _count(self, more: int) -> None:
        if is_live_servers(threading.current_thread()):
            with self._changes:
                self._number += more
                self._changes.notify_all()

    def wait_until_none(self) -> None:
        with self._changes:
            ended = self._changes.wait_for(lambda: not self._number, SURELY_WITHIN_SECONDS)
        assert ended, f"{self._number} requests are still being answered"


def is_live_servers(thread: threading.Thread) -> bool:
    """Return whether a thread is one in which the live server answers requests."""
    return "process_request_thread" in thread.name


class _Kind(NamedTuple):
    javascript: bool
    touch: bool
    own_clock: bool


class Contexts:
    """Chromium's contexts, used again by one test after another.

    A new one starts a process of its own and reads every script and style sheet anew, which takes
    longer than most of what a test does with a page.
    """

    def __init__(self, browser: Browser, url: str) -> None:
        self._browser = browser
        self._url = url
        self._under_way = UnderWay()
        self._free: dict[_Kind, list[BrowserContext]] = {}
        self._used: list[tuple[_Kind, BrowserContext]] = []

    def take(self, *, javascript: bool, touch: bool, own_clock: bool) -> BrowserContext:
        """Return a context in which nobody is signed in and nothing is stored."""
        kind = _Kind(javascript, touch, own_clock)
        free = self._free.get(kind)
        if free:
            context = free.pop()
            context.set_offline(False)
        else:
            context = self._browser.new_context(
                base_url=self._url,
                java_script_enabled=javascript,
                has_touch=touch,
                reduced_motion="reduce",
            )
            context.set_default_timeout(SURELY_WITHIN_SECONDS * 1000)
            if own_clock:
                context.clock.install()
        self._used.append((kind, context))
        return context

    def give_back(self) -> None:
        """Close the pages of all contexts in use, and forget what these have stored."""
        for kind, context in self._used:
            # Chromium goes offline only once nothing is held that a test has left unanswered.
            context.unroute_all()
            for page in context.pages:
                page.unroute_all()
            # A page says what was typed as it goes; the database is emptied meanwhile.
            context.set_offline(True)
            left = context.pages[0] if context.pages else context.new_page()
            stored = context.new_cdp_session(left)
            stored.send("Storage.clearDataForOrigin", {"origin": self._url, "storageTypes": STORED})
            for page in context.pages:
                page.close()
            context.clear_cookies()
            if kind.own_clock:  # what time it is on its pages stays with it
                context.close()
            else:
                self._free.setdefault(kind, []).append(context)
        self._used = []
        # What a page asked for last must not be written into the next test's database.
        self._under_way.wait_until_none()

    def close(self) -> None:
        """Close all contexts, and with them what the live server's threads have open."""
        for contexts in self._free.values():
            for context in contexts:
                context.close()


@pytest.fixture(scope="session")
def contexts(browser, live_server, django_db_setup, django_db_blocker) -> Iterator[Contexts]:
    """The browser's contexts on the live server, kept from test to test."""
    contexts = Contexts(browser, live_server.url)
    yield contexts
    contexts.close()
    # Each of the live server's threads has a connection to the database, which ends with it.
    for thread in threading.enumerate():
        if is_live_servers(thread):
            thread.join(SURELY_WITHIN_SECONDS)
            assert not thread.is_alive(), thread.name
    with django_db_blocker.unblock():
        connection.close()  # of this thread within the browser's loop, which has one of its own


@pytest.fixture
def open_page(contexts, live_server) -> Iterator[Callable[..., Page]]:
    """Open pages on the live server: `open_page(width=390, user=chair, javascript=False)`.

    The page's errors and failed requests fail the test, and so does a request to anybody else; with
    `may_lose`, failed requests do not. With `own_clock` the test says what time it is on the page.
    """
    seen = []
    complaints: list[str] = []

    def complain(message) -> None:
        # What a test refuses, or asks for while it is offline, is no complaint.
        expected = ("status of 4", "ERR_INTERNET_DISCONNECTED")
        if message.type == "error" and not any(words in message.text for words in expected):
            complaints.append(message.text)

    def see(request) -> None:
        if not request.url.startswith((live_server.url, "data:", "blob:", "about:")):
            complaints.append(f"asked somebody else: {request.url}")

    def open_page(
        *,
        viewport=DESK,
        user=None,
        javascript=True,
        dark=False,
        touch=False,
        may_lose=False,
        own_clock=False,
    ) -> Page:
        context = contexts.take(javascript=javascript, touch=touch, own_clock=own_clock)
        context.on("request", see)
        seen.append(context)
        if user is not None:
            context.add_cookies([_session_cookie(user, live_server.url)])
        page = context.new_page()
        page.set_viewport_size(viewport)
        page.emulate_media(color_scheme="dark" if dark else "light")
        if not may_lose:
            page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in seen:
        context.clear_permissions()  # an answer from the browser brings along what pages said
        context.remove_listener("request", see)
    said = list(complaints)  # pages that are asking for something complain when they go offline
    contexts.give_back()
    assert said == []


def _session_cookie(user, url: str) -> dict[str, str]:
    from django.test import Client

    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": client.cookies[settings.SESSION_COOKIE_NAME].value,
        "url": url,
    }


@pytest.fixture
def page(open_page) -> Page:
    """A page at a desk, signed out."""
    return open_page()


@pytest.fixture
def phone(open_page) -> Page:
    """A page on a phone, signed out."""
    return open_page(viewport=PHONE)


def fits(page: Page) -> bool:
    """Return whether nothing of a page is cut off at the side of the window, once it has loaded.

    After a click the next document may not have begun yet, and would be asked without its styles.
    """
    page.wait_for_load_state("load")
    return page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


# What of axe depends on the theme; all else is the same in the light and in the dark.
COLOR_RULES = ["color-contrast", "link-in-text-block"]


@pytest.fixture
def violations() -> Callable[..., list]:
    """Look at a page with axe, or some of its rules: which it breaks, and where."""

    from axe_playwright_python.base import AXE_FILE_PATH
    from axe_playwright_python.sync_playwright import DEFAULT_OPTIONS

    script = AXE_FILE_PATH.read_text()

    def look(page: Page, rules: list[str] | None = None) -> list:
        options = DEFAULT_OPTIONS | (
            {"runOnly": {"type": "rule", "values": rules}} if rules else {}
        )
        page.wait_for_load_state("load")
        if page.evaluate("typeof axe") == "undefined":
            page.evaluate(script)
        # Of what axe says, only this is handed over: it lists all that is right as well.
        found = page.evaluate("options => axe.run(options).then(all => all.violations)", options)
        return [(v["id"], [n["target"] for n in v["nodes"]]) for v in found]

    return look


@pytest.fixture
def accessible(violations) -> Callable[..., None]:
    """Check a page with axe, or some of its rules; fails naming each that it breaks and where."""

    def check(page: Page, rules: list[str] | None = None) -> None:
        assert violations(page, rules) == []

    return check


@pytest.fixture
def looks_right(accessible) -> Callable[[Page], None]:
    """Check a page of the committee with axe, at a desk and on a phone, in the light and the dark.

    The page stays open throughout; that nothing is cut off at the side is checked as well. The
    short form looks for colors in the light at a desk and in the dark on a phone, the long one at
    all four.
    """

    def check(page: Page) -> None:
        for theme, rules in (("light", None), ("dark", COLOR_RULES)):
            page.emulate_media(color_scheme=theme)
            for _ in range(2):  # the key leads from the system's own theme to the light one
                if theme not in page.locator("html").get_attribute("class").split():
                    page.keyboard.press("Control+e")
            assert theme in page.locator("html").get_attribute("class").split()
            for viewport in (DESK, PHONE):
                page.set_viewport_size(viewport)
                if LONG or (theme == "light") == (viewport is DESK):
                    accessible(page, rules)
                assert fits(page)

    return check


@pytest.fixture
def picture() -> Callable[[Page, str], None]:
    """Take a picture for the docs: written only under `make screenshots`."""

    def take(page: Page, name: str) -> None:
        if os.environ.get("SCREENSHOTS"):
            folder = ROOT / "docs" / "pictures"
            folder.mkdir(parents=True, exist_ok=True)
            page.wait_for_load_state("load")
            page.evaluate("scrollTo(0, 0)")  # the page's name and the way to its help are there
            page.screenshot(path=folder / f"{name}.png", animations="disabled")

    return take


__all__ = ["DESK", "PHONE", "ROOT", "free_port", "wait_for_port"]

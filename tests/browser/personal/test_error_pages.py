"""Every page that is shown instead of the one that was wanted, brought up by what brings it up."""

import contextlib
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import expect

from matching.models import Concern
from tests.browser.personal.readable import faults
from tests.conftest import (
    PHONE,
    ROOT,
    end_connection,
    until_somebody_waits_for_a_lock,
    waiting,
)
from tests.factories import MatchFactory, MembershipFactory, ParticipantFactory

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
LINK, LOGIN = "/link/", reverse("admin:login")
AGAIN = "Please try again in a minute"
# PostgreSQL says so of a table that it cannot make larger.
FULL = """
CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
  $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER full_disk BEFORE INSERT ON {} EXECUTE FUNCTION full_disk();
"""


@contextlib.contextmanager
def full(table):
    """Let this table take no more."""
    with connection.cursor() as cursor:
        cursor.execute(FULL.format(table))
        try:
            yield
        finally:
            cursor.execute("DROP FUNCTION full_disk CASCADE")


@contextlib.contextmanager
def missing(table):
    """Let this table be where nothing finds it."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} RENAME TO {table}_away")
        try:
            yield
        finally:
            cursor.execute(f"ALTER TABLE {table}_away RENAME TO {table}")


def ask_for_a_link(page):
    page.get_by_label("Your email address").fill("a@mail.example")
    page.get_by_role("button", name="Send me my link").click()


def sign_in(page, name):
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password").fill("wrong")
    page.get_by_role("button", name="Sign in").click()


def each_page(page, settings, person):
    """Bring up one page after another; yield the template, and what is to be its heading."""
    page.goto("/no")
    yield "404.html", "Page not found"

    page.set_extra_http_headers({"Content-Type": "text/html; charset=zlib"})
    page.goto(LINK)
    page.set_extra_http_headers({})
    yield "400.html", "That request couldn’t be read"

    page.goto(reverse("host"))
    yield "403.html", "You can’t see this page"

    page.goto(reverse("end_session"))
    yield "405.html", "Nothing was done"

    page.context.clear_cookies()
    page.goto(LOGIN)
    page.context.clear_cookies()
    sign_in(page, "somebody")
    yield "403_csrf.html", "Please try again"

    page.goto(LINK)
    settings.BODY_AT_MOST = 10
    ask_for_a_link(page)
    yield "413.html", "That was too large"
    settings.BODY_AT_MOST = 2**20

    settings.AXES_FAILURE_LIMIT = 1
    page.goto(LOGIN)
    sign_in(page, "somebody")
    yield "429.html", "Too many wrong passwords"

    with missing(person._meta.db_table):
        page.goto(person.personal_path)
    yield "500.html", "Something went wrong"

    page.goto(LOGIN)
    with full("axes_accessattempt"):
        sign_in(page, "somebody-else")
        yield "503.html", AGAIN


def test_every_error_page_can_be_read_and_used_by_everyone(open_page, violations, settings):
    member = MembershipFactory(level="chair")
    person = MatchFactory(program=member.program).mentee
    page = open_page(viewport=PHONE, user=member.user, may_lose=True)
    shown, wrong = set(), {}
    for template, heading in each_page(page, settings, person):
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        shown.add(template)
        if found := faults(page, violations):
            wrong[template] = found
        page.set_viewport_size(PHONE)
        page.evaluate("document.documentElement.style.fontSize = ''")

    assert wrong == {}
    assert shown == {file.name for file in (ROOT / "templates").glob("[45]*.html")}


def test_what_somebody_typed_is_sent_again_from_the_page_that_says_so(open_page, violations):
    match = MatchFactory(status="announced", announced_at=timezone.now())
    page = open_page(viewport=PHONE, may_lose=True)
    page.goto(reverse("match_help", args=[match.mentee.link_key, match.pk, "not-right"]))
    page.get_by_role("textbox").fill("“No” <answer> & more")
    with full("matching_concern"):
        page.get_by_role("button", name="Tell the chairs").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(AGAIN)
        assert faults(page, violations) == []
        page.get_by_role("button", name="Send again").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(AGAIN)
    page.get_by_role("button", name="Send again").click()
    page.get_by_role("heading", name="Your message arrived").wait_for()
    assert Concern.objects.get().text == "“No” <answer> & more"


def test_a_page_that_the_database_did_not_give_is_asked_for_again(open_page, violations):
    person = ParticipantFactory()
    page = open_page(viewport=PHONE, may_lose=True)
    with ThreadPoolExecutor(1) as somebody, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE mentorship_participant")
        ended = somebody.submit(end_who_waits)
        page.goto(person.personal_path)
        ended.result()
    expect(page.get_by_role("heading", level=1)).to_have_text(AGAIN)
    assert faults(page, violations) == []
    page.get_by_role("link", name="Try again").click()
    page.get_by_label("Employment sector").wait_for()


def end_who_waits():
    """End the connection that waits for a lock, as PostgreSQL does when it is shut down."""
    try:
        until_somebody_waits_for_a_lock()
        for number in waiting():
            end_connection(number)
    finally:
        connection.close()

"""No request ends in an error of the site, however odd it is, whoever sends it."""

import re
from urllib.parse import urlencode

import pytest
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.signals import got_request_exception
from django.db import transaction

from tests import factories
from tests.committee.access import programs
from tests.committee.access.addresses import all_addresses, filled
from tests.committee.access.odd import Odd, draw_odd
from tests.committee.access.wire import Answer, send, session_of
from tests.conftest import LONG

pytestmark = [pytest.mark.django_db, pytest.mark.each]
FORM = "application/x-www-form-urlencoded"
# What a NUL and half a surrogate pair look like in a form or a query.
UNREADABLE = "before%00after%ED%A0%80"
# Where one is signed out, and what history keeps no row of.
LEFT_OUT = ("/committee/logout/", "/history/<version>/")
REQUESTS = 3000 if LONG else 250


class Site:
    """The site with two programs in it, and somebody of each kind who is signed in."""

    def __init__(self) -> None:
        self.ours = programs.seed("Quokkaours", 18702021)
        self.theirs = programs.seed("Wombattheirs", 19803132)
        users: dict[str, User] = {
            **self.ours.users,
            "outsider": self.theirs.users["chair"],
            "host": factories.UserFactory(username="host", is_superuser=True),
            "of no program": factories.UserFactory(),
        }
        chosen = self.ours.program.pk
        self.sessions = {who: session_of(user, program=chosen) for who, user in users.items()}
        self.errors: list[object] = []
        got_request_exception.connect(self._note, weak=False)

    def _note(self, sender: object, request: object, **rest: object) -> None:
        self.errors.append(request)

    def close(self) -> None:
        got_request_exception.disconnect(self._note)

    @property
    def everyone(self) -> list[str]:
        return [*self.sessions, "nobody"]

    def answer(
        self, who: str, method: str, path: str, body: str | bytes = b"", kind: str = "", **rest: str
    ) -> Answer:
        """Send a request and undo what it did."""
        with transaction.atomic():
            answer = send(
                method,
                path,
                body.encode() if isinstance(body, str) else body,
                kind,
                session=self.sessions.get(who, ""),
                headers=rest,
            )
            transaction.set_rollback(True)
        return answer

    def answer_odd(self, odd: Odd) -> Answer:
        return self.answer(odd.who, odd.method, odd.path, odd.body, odd.content_type, **odd.headers)


@pytest.fixture
def site():
    site = Site()
    yield site
    site.close()


@pytest.mark.slow
def test_an_odd_request_is_answered_in_words(site):
    wrong = []
    for odd in draw_odd(REQUESTS, 1, site.everyone, site.ours.blanks, site.ours.sent()):
        answer = site.answer_odd(odd)
        bare = answer.status >= 400 and odd.method != "HEAD" and not answer.is_page
        if answer.status >= 500 or bare:
            wrong.append((odd, answer.status))

    assert wrong == []
    assert site.errors == []


@pytest.mark.slow
@pytest.mark.once  # SQLite stores it
def test_no_address_breaks_on_text_that_no_database_stores(site):
    """It is sent in each field that a page shows, and in those that are asked for by hand."""
    broken, fields = [], set()
    sent = site.ours.sent()
    asked = "&".join(f"{field}={UNREADABLE}" for field in [*sent, "q"])
    for address in all_addresses():
        if address.endswith(LEFT_OUT):
            continue
        who = "nobody" if address.startswith("/p/") else "chair"
        path = filled(address, site.ours.blanks)
        answers = [site.answer(who, "GET", f"{path}?{asked}"), site.answer(who, "GET", path)]
        page = answers[-1].body.decode(errors="ignore")
        shown = set(re.findall(r' name="([^"]+)"', page)) - {"_popup"}
        fields |= shown
        posted = "&".join(f"{field}={UNREADABLE}" for field in shown.union(sent))
        answers.append(site.answer(who, "POST", path, posted, FORM))
        if any(answer.status >= 500 for answer in answers):
            broken.append((address, [answer.status for answer in answers]))

    assert len(fields) > 100
    assert broken == []


@pytest.mark.slow
def test_no_address_breaks_on_a_key_of_5000_digits(site):
    broken = []
    sent = urlencode(dict.fromkeys(site.ours.sent(), "9" * 5000))
    for address in all_addresses():
        if "object_id" in address or address.startswith("/p/"):
            continue
        path = filled(address, site.ours.blanks)
        answers = [
            site.answer("chair", "GET", f"{path}?{sent}"),
            site.answer("chair", "POST", path, sent, FORM),
        ]
        if any(answer.status >= 500 for answer in answers):
            broken.append((address, [answer.status for answer in answers]))

    assert broken == []


@pytest.mark.slow
def test_no_id_of_any_model_leads_to_a_personal_link(site):
    """Django's "view on site" redirects from any id of any model, whoever asks."""
    from django.apps import apps

    leaks = []
    for model in apps.get_models():
        kind = ContentType.objects.get_for_model(model).pk
        for pk in (site.ours.key, site.ours.key + 1):
            answer = site.answer("outsider", "GET", f"/committee/r/{kind}/{pk}/")
            if answer.status != 404 or site.ours.link_key in answer.headers:
                leaks.append(model._meta.label)

    assert leaks == []
    assert [model for model in apps.get_models() if hasattr(model, "get_absolute_url")] == []


ODD_ONES = {
    "autocomplete of a model that has none": (
        "GET", "/committee/autocomplete/?app_label=auth&model_name=x&field_name=y&term=z",
    ),
    "autocomplete without a word": ("GET", "/committee/autocomplete/"),
    "a history of no number": ("GET", "/committee/matching/match/x/history/"),
    "a version of no number": ("GET", "/committee/matching/match/1/history/x/"),
    "a version of too large a number": (
        "GET", f"/committee/matching/match/{'9' * 30}/history/{'9' * 30}/",
    ),
    "a person of no number": ("GET", "/committee/mentorship/participant/x/change/"),
    "an import of too large a number": ("GET", f"/committee/people/imports/{'9' * 30}/"),
    "a batch": ("GET", "/committee/mail/batch/1/"),
    "a batch to take back": ("POST", "/committee/mail/batch/1/take-back/"),
    "matches to announce": ("GET", f"/committee/mail/send/match/?only={'9' * 5000}"),
    "a mentee": ("GET", f"/committee/board/?mentee={'9' * 5000}"),
    "a page after the code that is none": ("GET", "/committee/account/code/?next=x"),
    "a field without a name": ("GET", "/committee/matching/feedback/1/delete/?_to_field="),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("what", ODD_ONES)
def test_what_once_broke_is_answered(site, what):
    method, path = ODD_ONES[what]

    answers = {who: site.answer(who, method, path).status for who in site.everyone}

    assert {who: status for who, status in answers.items() if status >= 500} == {}
    assert site.errors == []


@pytest.mark.slow
@pytest.mark.parametrize("charset", ["zlib", "rot13", "idna", "utf-16", "x"])
def test_what_is_no_utf_8_is_refused(site, charset):
    answer = site.answer(
        "member", "POST", "/committee/wishes/", b"x=1", f"{FORM}; charset={charset}"
    )

    assert (answer.status, answer.is_page) == (400, True)


def test_a_body_in_parts_without_a_border_is_refused(site):
    answer = site.answer("member", "POST", "/committee/wishes/", b"x=1", "multipart/form-data")

    assert (answer.status, answer.is_page) == (400, True)


def test_history_is_read_and_not_gone_back_to(site):
    """Not even for a chair, and without the button that no page shows."""
    match = site.ours.program.matches.get(pk=site.ours.key)
    match.status, match.dissolved_why = "dissolved", "moved away"
    match.save()
    version = match.history.last().pk
    path = f"/committee/matching/match/{match.pk}/history/{version}/"

    answer = site.answer("chair", "POST", path, urlencode({"mentor": match.mentor_id}), FORM)

    assert (answer.status, answer.is_page) == (405, True)
    assert site.answer("chair", "GET", path).status == 200
    assert site.answer("reader", "GET", path).status == 404


@pytest.mark.slow
def test_a_host_and_a_body_that_are_none_are_refused_in_words(site):
    path, kind = "/committee/matching/match/export/", "multipart/form-data; boundary=\xff"
    answer = site.answer("reader", "POST", path, b"x", kind, Host="[")
    assert (answer.status, answer.is_page) == (400, True)

"""Whoever is chair of another program gets nothing of this one, whichever address they try.

The admin's usual pages of each model have tests of their own (test_admin_permissions.py); this
walks every other address of the site, those that come with a new page included.
"""

import re

import pytest
from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.urls import URLResolver, get_resolver, reverse

from mentorship.domain.heartbeat import BEAT, WORKER, beat
from mentorship.models import Program
from notifications.models import Kind
from tests import factories

pytestmark = pytest.mark.django_db

MARK = "Zzyzx"
PK, MENTEE = 77, 78
USUAL = ("_changelist", "_add", "_change", "_delete", "_history", "_simple_history")
# Whoever has a participant's link may open it; signing in and out is everybody's.
OPEN = {"admin:login", "admin:logout", "admin:app_list"}
IDS = [
    "match",
    "mentor",
    "person",
    "participant",
    "pk",
    "id",
    "batch",
    "mail",
    "proposal",
    "import",
]
SENT = dict.fromkeys(IDS, PK) | {
    "mentee": MENTEE,
    "to": PK,
    "only": f"{PK},{MENTEE}",
    "do": "dissolve",
    "read": "1",
    "why": "because",
    "seen": "1",
    "number": "1",
    "value": "mentor",
    "_selected_action": [PK, MENTEE],
    "post": "yes",
}


def addresses(patterns=None, space=(), converters=()):
    """Return the name of each address with the names and kinds of what it takes."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        taken = (*converters, *pattern.pattern.converters.items())
        if isinstance(pattern, URLResolver):
            inner = (*space, pattern.namespace) if pattern.namespace else space
            yield from addresses(pattern.url_patterns, inner, taken)
        elif pattern.name:
            yield ":".join((*space, pattern.name)), dict(taken)


def personal_addresses():
    """Return the addresses that a participant's link opens, which test_other_links.py walks."""
    words = {"choice": "accept"}
    return {
        name: taken
        for name, taken in addresses()
        if "key" in taken
        and reverse(name, kwargs={word: words.get(word, 1) for word in taken}).startswith("/p/")
    }


def tried():
    personal = personal_addresses()
    for name, taken in addresses():
        if name in OPEN | personal.keys() or (name.startswith("admin:") and name.endswith(USUAL)):
            continue
        yield name, taken


def filled(name, taken):
    """Return an address filled with what belongs to the other program."""
    words = {"slug": "theirs", "kind": Kind.SURVEY}
    return reverse(name, kwargs={word: words.get(word, PK) for word in taken})


@pytest.fixture
def theirs():
    """A program in which every word that a person gave holds the mark."""
    for part in (WORKER, BEAT):
        beat(part=part)  # so that the site is ready
    program = factories.ProgramFactory(slug="theirs", name=f"{MARK} conference")
    mentor, mentee = (
        factories.ParticipantFactory(
            pk=pk,
            program=program,
            name=f"{MARK} {pk}",
            email=f"{MARK}{pk}@a.example",
            mentee=mentee,
            link_key=f"{MARK}-{pk}",
        )
        for pk, mentee in ((PK, False), (MENTEE, True))
    )
    factories.MembershipFactory(pk=PK, program=program, user__username=MARK)
    factories.MatchFactory(pk=PK, program=program, mentor=mentor, mentee=mentee)
    factories.SurveyResponseFactory(pk=PK, participant=mentor, notes=MARK)
    factories.ConcernFactory(pk=PK, participant=mentee, text=MARK)
    factories.FeedbackFactory(pk=PK, participant=mentee, went_well=MARK)
    factories.KeepApartFactory(pk=PK, program=program, first=mentor, second=mentee, note=MARK)
    factories.ProposalFactory(pk=PK, program=program)
    factories.ProposalRunFactory(pk=PK, program=program)
    factories.QuestionFactory(pk=PK, program=program, text=f"{MARK}?")
    factories.EmailTemplateFactory(pk=PK, program=program, subject=MARK, body=MARK)
    factories.ImportFactory(pk=PK, program=program, file_name=f"{MARK}.csv")
    source = factories.ImportSourceFactory(
        pk=PK, program=program, address=f"https://{MARK}.example/a.csv", hook_key=f"{MARK}-{PK}"
    )
    factories.SourceRunFactory(source=source, outcome="failed", words=MARK)
    batch = factories.EmailBatchFactory(pk=PK, program=program)
    mail = factories.EmailLogFactory(
        pk=PK, program=program, batch=batch, subject=MARK, text_body=MARK, html_body=MARK
    )
    mail.people.add(mentor)
    return program


def rows_of(program):
    """Return the program, and every row that names it, by model."""
    labels = ("mentorship", "matching", "notifications")
    models = [model for label in labels for model in apps.get_app_config(label).get_models()]
    rows = {
        model: list(model.objects.filter(program=program).order_by("pk").values())
        for model in models
        if hasattr(model, "program_id")
    }
    return rows | {Program: Program.objects.values().get(pk=program.pk)}


def test_nothing_of_another_program_is_seen_or_changed(client, theirs):
    outsider = factories.MembershipFactory(level="chair")
    client.force_login(outsider.user, backend="django.contrib.auth.backends.ModelBackend")
    before = rows_of(theirs)
    leaks, changes = [], []

    for name, taken in tried():
        address = filled(name, taken)
        for answer in (client.get(address, SENT), client.post(address, SENT)):
            if MARK.encode() in b"".join(answer) or MARK in str(answer.headers):
                leaks.append(name)
        if rows_of(theirs) != before:
            changes.append(name)

    assert leaks == []
    assert changes == []


def test_every_address_of_the_committee_asks_for_a_sign_in(client, theirs):
    """A view that is registered without its decorator would answer."""
    sign_in = reverse("admin:login")
    open_to_all = []

    for name, taken in tried():
        address = filled(name, taken)
        for answer in (client.get(address, SENT), client.post(address, SENT)):
            if not (answer.status_code == 302 and answer.url.startswith(sign_in)):
                open_to_all.append(name)

    assert set(open_to_all) == {
        "home",
        "health",
        "ready",
        "metrics",
        "look_color",
        "look_logo",
        "signup",
        "signup_sent",
        "confirm_signup",
        "send_link",
        "link_sent",
        "pretix_hook",
        "first_chair",
        "set_password",
        "forgotten_password",
    }


@pytest.mark.each
def test_no_id_of_any_model_leads_to_a_personal_link(client, theirs):
    """Django's "view on site" redirects from any id of any model, whoever asks."""
    outsider = factories.MembershipFactory(level="chair")
    client.force_login(outsider.user, backend="django.contrib.auth.backends.ModelBackend")
    leaks = []

    for model in apps.get_models():
        kind = ContentType.objects.get_for_model(model).pk
        for pk in (PK, MENTEE):
            answer = client.get(f"/committee/r/{kind}/{pk}/")
            if answer.status_code != 404 or MARK in str(answer.headers):
                leaks.append(model._meta.label)

    assert leaks == []
    assert [model for model in apps.get_models() if hasattr(model, "get_absolute_url")] == []


@pytest.mark.each
def test_the_same_addresses_show_a_member_what_is_theirs(client, theirs):
    """The test above could not fail if nobody saw the mark."""
    member = factories.MembershipFactory(program=theirs, level="chair")
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")

    shown = {
        name
        for name, taken in tried()
        if MARK.encode() in b"".join(client.get(filled(name, taken), {"mentee": MENTEE}))
    }

    assert {"matching_board", "next_mentors", "mail_batch", "mail_text", "send_match"} <= shown


@pytest.mark.each
def test_no_address_breaks_on_a_key_of_5000_digits(client, theirs):
    """The client raises what a view does not catch."""
    member = factories.MembershipFactory(program=theirs, level="chair")
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    sent = dict.fromkeys(SENT, "9" * 5000)

    for name, taken in tried():
        address = filled(name, taken)
        for answer in (client.get(address, sent), client.post(address, sent)):
            assert answer.status_code < 500, name


# What a NUL and half a surrogate pair look like in a form or a query.
UNREADABLE = "before%00after%ED%A0%80"
FORM = "application/x-www-form-urlencoded"


def opened():
    """Return each address of the site, filled with what belongs to the program."""
    for name, taken in addresses():
        if name not in OPEN and not name.endswith("_simple_history"):
            words = {
                "slug": "theirs",
                "kind": Kind.SURVEY,
                "key": f"{MARK}-{PK}",
                "choice": "decline",
            }
            yield name, reverse(name, kwargs={word: words.get(word, PK) for word in taken})


def test_no_address_breaks_on_text_that_no_database_stores(client, theirs):
    """It is sent in each field that a page shows, and in those that are asked for by hand."""
    member = factories.MembershipFactory(program=theirs, level="chair")
    client.force_login(member.user, backend="django.contrib.auth.backends.ModelBackend")
    client.raise_request_exception = False
    broken, fields = [], set()

    for name, address in opened():
        asked = "&".join(f"{field}={UNREADABLE}" for field in [*SENT, "q"])
        answers = [client.get(f"{address}?{asked}")]
        if answers[0].status_code != 200:
            answers.append(client.get(address))
        page = b"".join(answers[-1]).decode(errors="ignore")
        shown = set(re.findall(r' name="([^"]+)"', page)) - {"_popup"}
        fields |= shown
        sent = "&".join(f"{field}={UNREADABLE}" for field in shown.union(SENT))
        answers.append(client.post(address, sent, content_type=FORM))
        if any(answer.status_code >= 500 for answer in answers):
            broken.append((name, [answer.status_code for answer in answers]))

    assert len(fields) > 100
    assert broken == []
    assert client.get(reverse("admin:index")).status_code == 200  # signed in to the end

"""The one table of states and transitions, and all that has to agree with it."""

import ast
import re
from pathlib import Path

import pytest

from notifications.domain.outbox import decisions
from notifications.domain.outbox.states import allowed, buttons, perform
from notifications.models import EmailLog
from notifications.models.states import (
    BOUNCED,
    STATES,
    TRANSITIONS,
    WAITS,
    Actor,
    EmailState,
    named,
)
from tests.factories import EmailLogFactory
from tests.notifications.conftest import NOON

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "mail.md").read_text()
ARROW = re.compile(r"^    (\w+) --> (\w+): (.+)$", re.M)


def test_the_picture_in_the_docs_shows_each_transition_and_no_other():
    (picture,) = re.findall(r"```mermaid\n(stateDiagram.*?)```", PAGE, re.S)
    assert ARROW.findall(picture) == [
        (step.source.value, step.target.value, f"{step.when} ({' or '.join(step.by)})")
        for step in TRANSITIONS
    ]


def test_the_table_in_the_docs_says_of_each_state_what_the_pages_say():
    _, _, table = PAGE.partition("| state | what it means | what to do |\n|---|---|---|\n")
    rows = table.partition("\n\n")[0].splitlines()
    assert rows == [
        f"| {words.label.lower()} | {words.meaning} | {words.what_to_do} |"
        for words in STATES.values()
    ]


def test_every_state_has_words_and_a_way_in_and_only_the_sent_have_none_out():
    assert set(STATES) == {*EmailState.values, BOUNCED}
    assert {step.target for step in TRANSITIONS} == set(EmailState)
    assert {step.source for step in TRANSITIONS} == set(EmailState)


def test_a_name_has_one_end_and_one_button():
    for step in TRANSITIONS:
        assert {(other.target, other.button) for other in named(step.name)} == {
            (step.target, step.button)
        }


def test_each_button_of_a_person_does_something():
    assert set(buttons()) == set(decisions.DECIDE)
    assert all(step.by == (Actor.PERSON,) for step in TRANSITIONS if step.button)


def test_nobody_carries_out_what_is_not_theirs():
    for name, by in (("hold", Actor.WORKER), ("expire", Actor.PERSON), ("fly", Actor.PERSON)):
        with pytest.raises(KeyError):
            perform(name, EmailLog.objects.all(), by)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted({step.name for step in TRANSITIONS}))
def test_starts_from_the_states_of_the_table_and_counts_what_it_changed(name):
    for state in EmailState:
        sent_at = NOON if state == EmailState.SENT else None
        EmailLogFactory(
            state=state,
            sent_at=sent_at,
            claimed_at=NOON,
            came_back_at=NOON,
            state_reason=f"{WAITS}Bo withdrew.",
            freed=name == "revive",
        )
    mails = EmailLog.objects.filter(allowed(name))
    assert {mail.state for mail in mails} == {step.source for step in named(name)}


def writers_of_state(tree):
    """Yield the lines that set the state of a row: a keyword, a column by name or an attribute."""
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=attr), keywords=keywords) if attr in (
                "update", "create", "get_or_create", "update_or_create",
            ):  # fmt: skip
                if any(word.arg == "state" for word in keywords):
                    yield node.lineno
            case ast.Call(func=ast.Name(id="EmailLog"), keywords=keywords):
                if any(word.arg == "state" for word in keywords):
                    yield node.lineno
            case ast.Attribute(attr="state", ctx=ast.Store()):
                yield node.lineno
            case ast.Call(func=ast.Attribute(attr="bulk_update"), args=[_, columns, *_]):
                yield from _names_state(columns)
            case ast.keyword(arg="update_fields", value=columns):
                yield from _names_state(columns)
            case ast.Dict(keys=keys):
                if any(isinstance(key, ast.Constant) and key.value == "state" for key in keys):
                    yield node.lineno


def _names_state(columns):
    if any(isinstance(one, ast.Constant) and one.value == "state" for one in ast.walk(columns)):
        yield columns.lineno


@pytest.mark.parametrize(
    "code",
    [
        "mails.update(state=State.SENT)",
        "mail.state = 'sent'",
        "EmailLog(state='sent')",
        "change = {'state': 'sent'}",
        "mail.save(update_fields=['state'])",
        "EmailLog.objects.bulk_update(mails, ['state'])",
    ],
)
def test_a_way_to_set_the_state_is_found(code):
    assert list(writers_of_state(ast.parse(code))) == [1]


def test_no_other_module_sets_the_state_of_an_email():
    found = {
        f"{path.relative_to(ROOT)}:{line}"
        for package in ("notifications", "committee", "matching")
        for path in (ROOT / package).rglob("*.py")
        if "migrations" not in path.parts
        for line in writers_of_state(ast.parse(path.read_text()))
    }
    one = "notifications/domain/outbox/states.py:"
    assert len(found) == 1
    assert all(place.startswith(one) for place in found), sorted(found)

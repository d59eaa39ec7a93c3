"""Reading and handling the matching board in a browser."""

from __future__ import annotations

from matching.models import Match
from tests.factories import ParticipantFactory

BIOLOGY, PHYSICS = "Biology/Health", "Physics/Astro/Chemistry"
PEOPLE = [
    ("Ada Lund", {"capacity": 2, "fields": [BIOLOGY, PHYSICS], "notes": "Ocean models"}),
    ("Cy Ng", {"fields": [BIOLOGY]}),
    ("Flo Ray", {"fields": [PHYSICS], "virtual": True}),
    ("Ben Ost", {"mentee": True, "fields": [BIOLOGY, PHYSICS], "notes": "Ocean currents"}),
    ("Di Moe", {"mentee": True, "fields": [BIOLOGY]}),
    ("Eve Fox", {"mentee": True, "fields": [PHYSICS]}),
]


def make_people(program):
    """Make a few people, and return them by their first names."""
    return {
        name.split()[0]: ParticipantFactory(
            program=program,
            name=name,
            email=f"{name.split()[0].lower()}@freemail.example",
            **details,
        )
        for name, details in PEOPLE
    }


def pairs():
    """Return the live pairs as the database has them, by first names."""
    names = Match.objects.live().values_list("mentor__name", "mentee__name", "locked")
    return sorted(
        f"{mentor.split()[0]} {mentee.split()[0]}{' locked' if locked else ''}"
        for mentor, mentee, locked in names
    )


def pairs_on(page):
    """Return the same as this page shows it; each mentee is there once."""
    shown = page.evaluate(
        """() => [...document.querySelectorAll('#groups .mb-chip')].map((chip) => [
            chip.closest('.mb-row').querySelector('.mb-mentor .mb-name').textContent,
            chip.querySelector('.mb-name').textContent,
            chip.querySelector('.mb-lock').name === 'unlock'])"""
    )
    return sorted(
        f"{mentor.split()[0]} {mentee.split()[0]}{' locked' if locked else ''}"
        for mentor, mentee, locked in shown
    )


def waiting_on(page):
    """Return the unmatched mentees that this page shows."""
    return [name.split()[0] for name in page.locator("#waiting-list a").all_inner_texts()]


def row_of(page, mentor):
    """Return the row of a mentor, by a first name."""
    return page.locator(".mb-row").filter(has=page.get_by_role("link", name=mentor).first)


def drag(page, mentee, target):
    """Drag a mentee (by name) to an element with the mouse."""
    card = page.locator(f"a[data-mentee]:text-is('{mentee}')").bounding_box()
    place = target.bounding_box()
    page.mouse.move(card["x"] + 10, card["y"] + card["height"] / 2)
    page.mouse.down()
    page.mouse.move(card["x"] + 30, card["y"] + 20, steps=3)
    page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2, steps=5)
    page.locator(".mb-target").wait_for()
    page.mouse.up()

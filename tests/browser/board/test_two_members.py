"""Two members at one board, with random steps, lost answers and reloads.

The short form is part of each run; `make soak` makes 300 steps with each of the two.
"""

import os
import random

import pytest
from django.db.models import Count, F

from matching.domain.board.undo import next_to_undo
from matching.domain.matches.steps import version_of
from matching.models import BoardStep, Match
from mentorship.models import Participant
from tests.browser.board.boards import make_people, pairs, pairs_on, waiting_on
from tests.factories import MatchFactory, MembershipFactory, ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db(transaction=True)
STEPS = 300 if os.environ.get("SOAK") else 10
LOST = 0.1  # of all answers


def rows():
    return list(Match.objects.order_by("pk").values())


class Member:
    """A member of the committee who does one random thing after another."""

    def __init__(self, page, user, chance):
        self.page, self.user, self.chance = page, user, chance
        page.route("**/board/*/", self.perhaps_lose)
        page.goto("/committee/board/")
        self.settle()

    def perhaps_lose(self, route):
        if route.request.method == "POST" and self.chance.random() < LOST:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    def settle(self):
        """Wait until nothing is on its way, and the connection counts as found again."""
        self.page.wait_for_function(
            """() => document.documentElement.matches('.mb-has-script')
                && !document.getElementById('board').matches('[aria-busy]')
                && document.getElementById('board-lost').hidden"""
        )

    def step(self):
        act = self.chance.choice(
            [self.drag, self.drag, self.drag, self.drag, self.lock, self.undo, self.redo]
        )
        act()
        self.settle()
        while self.page.locator("dialog[open]").count():
            buttons = self.page.locator("dialog[open] button")
            buttons.nth(self.chance.randrange(buttons.count())).click()
            self.settle()
        if self.chance.random() < 0.05:
            self.page.reload()
            self.settle()

    def drag(self):
        start = self.any_of("a[data-mentee]")
        end = self.any_of("[data-drop-mentor], summary[data-drop-bin], [data-drop-nobody]")
        mouse = self.page.mouse
        mouse.move(start["x"] + 5, start["y"] + 5)
        mouse.down()
        mouse.move(start["x"] + 25, start["y"] + 15, steps=2)
        mouse.move(end["x"] + end["width"] / 2, end["y"] + 12, steps=2)
        mouse.up()

    def lock(self):
        if number := self.page.locator(".mb-lock").count():
            self.page.evaluate(
                "place => document.querySelectorAll('.mb-lock')[place]?.click()",
                self.chance.randrange(number),
            )

    def undo(self):
        self.page.keyboard.press("Control+z")

    def redo(self):
        self.page.keyboard.press("Control+Shift+z")

    def any_of(self, places):
        """Return where one of these is; all are asked at once, for the other member moves them."""
        found = (
            self.page.locator(places)
            .filter(visible=True)
            .evaluate_all("found => found.map(one => one.getBoundingClientRect().toJSON())")
        )
        return self.chance.choice(found)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1])
def test_two_members_never_lose_or_overwrite_anything(open_page, seed):
    program, chance = ProgramFactory(), random.Random(seed)
    people = make_people(program)
    for n in range(2):
        ParticipantFactory(program=program, name=f"Gus {n}", mentee=True, capacity=1)
    MatchFactory(program=program, mentor=people["Ada"], mentee=people["Ben"])
    start = rows()
    members = [
        Member(
            open_page(user=user, may_lose=True, viewport={"width": 1440, "height": 1600}),
            user,
            chance,
        )
        for user in (MembershipFactory(program=program).user for _ in range(2))
    ]

    for _ in range(STEPS * 2):
        chance.choice(members).step()
        overfull = Participant.objects.filter(
            matches_as_mentor__status__in=Match.LIVE
        ).annotate(taken=Count("matches_as_mentor")).filter(taken__gt=F("capacity"))  # fmt: skip
        assert list(overfull) == []

    matched = set(Match.objects.live().values_list("mentee", flat=True))
    unmatched = Participant.objects.mentees().exclude(pk__in=matched).order_by("name")
    for member in members:
        # What the other did last is seen within three seconds.
        member.page.wait_for_function(
            "version => document.getElementById('board').dataset.version === String(version)",
            arg=version_of(program),
        )
        member.settle()  # it may have opened anew for that, and not be whole yet
        assert pairs_on(member.page) == pairs()
        assert waiting_on(member.page) == [p.name.split()[0] for p in unmatched]

    in_force = BoardStep.objects.filter(undone_at=None).order_by("-version")
    while last := in_force.first():
        member = next(one for one in members if one.user.pk == last.by_id)
        assert next_to_undo(program, member.user) == last
        member.undo()
        member.settle()
    assert rows() == start

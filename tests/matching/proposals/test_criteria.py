"""What counts: saving it, trying it, and the page for it."""

import threading
from datetime import datetime, timedelta

import pytest
from django.contrib.messages import get_messages
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from matching.domain.affinity import score
from matching.domain.matches.changes import announce, create_match
from matching.domain.proposals.criteria import (
    Criteria,
    criteria_of,
    default_criteria,
    save_criteria,
)
from matching.domain.proposals.trial import Move, PriorityChange, try_criteria
from matching.interfaces.proposals.trial_card import PriorityLine, trial_card
from matching.models import Match
from mentorship.models import CareerStage, Membership, Priority, Program
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory

PRIORITIES = Priority.values
PAGE, TRY = reverse("what_counts"), reverse("try_criteria")
BIOLOGY = "Biology/Health"


def weighing(floor=0, priorities=PRIORITIES, **weights):
    every = dict.fromkeys(default_criteria().weights, 0) | weights
    return Criteria(every, floor, tuple(priorities))


def posted(criteria, **more):
    weights = {f"weight_{part}": weight for part, weight in criteria.weights.items()}
    return weights | {"floor": criteria.minimum_affinity, "priorities": criteria.priorities} | more


def said(response):
    return [str(message) for message in get_messages(response.wsgi_request)]


def person(program, name, *fields, **kwargs):
    email = kwargs.pop("email", f"{name.lower()}@freemail.example")
    return ParticipantFactory(program=program, name=name, email=email, fields=fields, **kwargs)


@pytest.fixture
def chair(program):
    return MembershipFactory(program=program, level=Membership.Level.CHAIR).user


@pytest.fixture
def as_chair(client, chair):
    client.force_login(chair, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def people(program):
    """By sector Ben goes to Ada and Di to Cy; by seniority Ben to Cy and Di to Ada."""
    save_criteria(program, weighing(sector=1, floor=400), seen=criteria_of(program).digest)
    program.refresh_from_db()
    academia, industry = program.sectors.all()[:2]
    first, second, third, _ = CareerStage.values
    return {
        "ada": person(program, "Ada", sector=academia, career_stage=second),
        "cy": person(program, "Cy", sector=industry, career_stage=third),
        "ben": person(program, "Ben", sector=academia, career_stage=second, mentee=True),
        "di": person(program, "Di", sector=industry, career_stage=first, mentee=True),
    }


class TestSaving:
    def test_gives_the_program_other_criteria_and_says_who_did(self, program, chair):
        wanted = weighing(floor=300, hopes=7, priorities=PRIORITIES[::-1])

        save_criteria(program, wanted, seen=criteria_of(program).digest, by=chair)

        program.refresh_from_db()
        assert criteria_of(program) == wanted
        line = program.history.first()
        assert (line.history_user, line.history_change_reason) == (chair, "matching criteria")

    def test_what_is_saved_already_leaves_no_line(self, program):
        lines = program.history.count()

        save_criteria(program, criteria_of(program), seen=criteria_of(program).digest)

        assert program.history.count() == lines

    def test_is_refused_once_somebody_else_has_saved(self, program, chair):
        seen = criteria_of(program).digest
        save_criteria(program, weighing(sector=1), seen=seen, by=chair)
        program.refresh_from_db()
        program.place = "Tacoma"  # a later line of the history that is about something else
        program.save()
        moment = datetime(2083, 5, 3, 16, 30, tzinfo=program.zone)
        line = program.history.all()[1]
        program.history.filter(pk=line.pk).update(history_date=moment)
        program.history.filter(pk__gt=line.pk).update(history_date=moment + timedelta(hours=1))

        with pytest.raises(ValidationError) as refused:
            save_criteria(program, weighing(hopes=1), seen=seen)

        assert refused.value.messages == [
            f"Nothing was saved: {chair} changed the matching criteria at 4:30 PM on May 3, "
            "after you opened this page. Your settings are still here, next to what is saved now. "
            "Save again to replace that."
        ]
        program.refresh_from_db()
        assert criteria_of(program) == weighing(sector=1)

    def test_is_refused_without_a_history_too(self, program):
        program.history.all().delete()

        with pytest.raises(
            ValidationError, match="somebody changed the matching criteria after you"
        ):
            save_criteria(program, weighing(hopes=1), seen="")

    @pytest.mark.parametrize(
        ("wanted", "words"),
        [
            (weighing(), "Give at least one part a weight above 0."),
            (
                weighing(hopes=-1),
                "The weight of “hopes” is -1. Enter a whole number from 0 to 1000",
            ),
            (weighing(hopes=1001), "“hopes” is 1001. Enter a whole number from 0 to 1000."),
            (weighing(hopes=True), "The weight of “hopes” is True"),
            (
                weighing(hopes=1, floor=1001),
                "The minimum affinity is 1001. Enter a whole number from 0 to",
            ),
            (weighing(hopes=1, priorities=PRIORITIES[1:]), "Name each of these once: unmatched,"),
        ],
    )
    def test_criteria_that_cannot_be_are_refused(self, program, wanted, words):
        before = Program.objects.values().get()

        with pytest.raises(ValidationError) as refused:
            save_criteria(program, wanted, seen=criteria_of(program).digest)

        assert words in refused.value.messages[0]
        assert Program.objects.values().get() == before

    def test_a_part_that_a_program_has_no_weight_for_has_none(self, program):
        del program.affinity_weights["questions"], program.affinity_weights["wish"]

        assert criteria_of(program).weights["questions"] == 0
        assert criteria_of(program).weights["sector"] == 15


@pytest.mark.django_db(transaction=True)
def test_of_two_who_save_at_once_one_is_refused():
    program = ProgramFactory()
    seen = criteria_of(program).digest
    start, outcomes = threading.Barrier(2), []

    def save(wanted):
        start.wait(10)
        try:
            save_criteria(program, wanted, seen=seen)
            outcomes.append(wanted)
        except ValidationError:
            outcomes.append(None)
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=[weighing(hopes=n)]) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    program.refresh_from_db()
    assert sorted(outcomes, key=bool) == [None, criteria_of(program)]


class TestTrying:
    def test_says_whose_mentor_would_be_another_and_what_priorities_become(self, program, people):
        trial = try_criteria(program, weighing(seniority=1, floor=600))

        assert trial.moves == [Move("Ben", "Ada", "Cy"), Move("Di", "Cy", "Ada")]
        assert trial.changes[-2:] == [
            PriorityChange("weak", before=0, after=0, recounted=1),
            PriorityChange("affinity", before=-2000, after=-2000, recounted=-1500),
        ]
        assert {(c.before, c.after, c.recounted) for c in trial.changes[:-2]} == {(0, 0, 0)}
        assert (trial.pairs, trial.fixed) == (2, 0)
        assert trial.silent == ["interests", "hopes", "questions", "wish"]

    def test_the_saved_criteria_change_nothing(self, program, people):
        trial = try_criteria(program, criteria_of(program))

        assert trial.moves == []
        assert [c.before for c in trial.changes] == [c.after for c in trial.changes]

    def test_kept_pairs_stay(self, program, people):
        announce([create_match(people["ada"], people["ben"])])

        trial = try_criteria(program, weighing(seniority=1))

        assert (trial.moves, trial.fixed) == ([], 1)

    def test_nothing_is_written(self, program, people):
        before = Program.objects.values().get()

        try_criteria(program, weighing(seniority=1))

        assert Program.objects.values().get() == before
        assert Match.objects.count() == 0

    def test_other_weights_do_not_compare_people_anew(self, program, people, monkeypatch):
        try_criteria(program, weighing(seniority=1))
        monkeypatch.setattr(score, "Affinity", None)

        assert len(try_criteria(program, weighing(seniority=2, sector=1)).changes) == 7

    def test_people_of_one_name_are_told_apart(self, program, people):
        people["cy"].name = "Ada"
        people["cy"].save()

        assert try_criteria(program, weighing(seniority=1)).moves[0] == Move(
            "Ben", "Ada (ada@freemail.example)", "Ada (cy@freemail.example)"
        )

    def test_in_words(self, program, people):
        card = trial_card(try_criteria(program, weighing(seniority=1, floor=600)))

        assert card.words == "2 of 2 proposed pairs would change."
        assert card.lines[-2:] == [
            PriorityLine("Low-affinity pairs", 0, 0, 1, "better"),
            PriorityLine("Total affinity", 2000, 2000, 1500, "better"),
        ]
        assert card.silent == (
            "Interests and notes, Hopes and offers, Your questions and Wish to meet"
        )

    def test_a_mentee_more_is_said_apart(self, program, people):
        people["ada"].delete()
        order = ["mixed", *(name for name in PRIORITIES if name != "mixed")]
        people["cy"].signup_attendance = "virtual"
        people["cy"].save()
        seen = criteria_of(program).digest
        save_criteria(program, weighing(sector=1, priorities=order), seen=seen)
        program.refresh_from_db()

        card = trial_card(try_criteria(program, weighing(sector=1)))

        assert (
            card.words
            == "None of 0 proposed pairs would change. 1 more mentee would have a mentor."
        )
        assert card.moves == [Move("Di", None, "Cy")]
        assert [(line.title, line.verdict) for line in card.lines if line.verdict] == [
            ("Unmatched mentees", "better"),
            ("Mixed attendance", "worse"),
            ("Total affinity", "better"),
        ]

    def test_nobody_there_is_said(self, program):
        assert trial_card(try_criteria(program, criteria_of(program))).words == (
            "There is nobody to match yet."
        )


class TestCriteriaPage:
    def test_shows_what_is_used(self, as_chair, program):
        program.affinity_weights = {"sector": 150, "hopes": "much"}
        program.save()

        form = as_chair.get(PAGE).context["form"]

        assert [(s.name, s.value, s.saved, s.most) for s in form.sliders[:3]] == [
            ("weight_interests", 0, 0, 100),
            ("weight_hopes", 0, 0, 100),
            ("weight_sector", 150, 150, 150),
        ]
        assert (form.floor_slider.value, form.floor_slider.most) == (250, 1000)
        assert [aim.name for aim in form.aims] == PRIORITIES

    def test_saves_and_says_so(self, as_chair, program, chair):
        # Without a model there is no slider for meaning, and its weight stays.
        meaning = criteria_of(program).weights["meaning"]
        wanted = weighing(hopes=3, meaning=meaning, floor=90, priorities=PRIORITIES[::-1])
        seen = as_chair.get(PAGE).context["seen"]

        answer = as_chair.post(PAGE, posted(wanted, seen=seen))

        assert (answer.status_code, answer.url) == (302, PAGE)
        assert said(answer) == [
            "Saved. No matches changed. Propose matches to use the new criteria."
        ]
        program.refresh_from_db()
        assert criteria_of(program) == wanted
        assert program.history.first().history_user == chair

    def test_with_a_model_meaning_has_a_slider(self, as_chair, program, word_model):
        page = as_chair.get(PAGE).context
        assert [s.name for s in page["form"].sliders[:3]] == [
            "weight_interests",
            "weight_meaning",
            "weight_hopes",
        ]

        wanted = weighing(meaning=3, priorities=PRIORITIES)
        as_chair.post(PAGE, posted(wanted, seen=page["seen"]))

        program.refresh_from_db()
        assert criteria_of(program) == wanted

    def test_a_model_that_cannot_be_used_is_said(self, as_chair, program, settings, tmp_path):
        settings.MEANING_MODEL = f"{tmp_path}/gone"

        page = as_chair.get(PAGE)

        assert "weight_meaning" not in {s.name for s in page.context["form"].sliders}
        assert f"The model in MEANING_MODEL={tmp_path}/gone cannot be used" in page.text

    def test_what_somebody_else_saved_meanwhile_is_not_overwritten(self, as_chair, program):
        seen = as_chair.get(PAGE).context["seen"]
        save_criteria(program, weighing(sector=1), seen=seen)
        wanted = weighing(hopes=3, priorities=PRIORITIES[::-1])

        refused = as_chair.post(PAGE, posted(wanted, seen=seen))

        program.refresh_from_db()
        assert criteria_of(program) == weighing(sector=1)
        assert said(refused)[0].startswith(
            "Nothing was saved: somebody changed the matching criteria at "
        )
        form = refused.context["form"]
        assert [(s.name, s.value, s.saved) for s in form.sliders[1:3]] == [
            ("weight_hopes", "3", 0),
            ("weight_sector", "0", 1),
        ]
        assert [aim.name for aim in form.aims] == PRIORITIES[::-1]

        again = as_chair.post(PAGE, posted(wanted, seen=refused.context["seen"]))

        assert again.status_code == 302
        program.refresh_from_db()
        assert criteria_of(program) == wanted

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            (
                {"weight_hopes": "-1"},
                "Hopes and offers: Ensure this value is greater than or equal to 0.",
            ),
            ({"floor": "<b>"}, "Minimum affinity: Enter a whole number."),
            ({"weight_sector": "0"}, "Give at least one part a weight above 0."),
            (
                {"priorities": PRIORITIES[1:]},
                "List each priority once. Reload the page to start over.",
            ),
        ],
    )
    def test_bad_input_is_refused_and_kept(self, as_chair, program, changes, words):
        before = Program.objects.values().get()
        data = posted(weighing(sector=9), seen=criteria_of(program).digest) | changes

        refused, tried = as_chair.post(PAGE, data), as_chair.post(TRY, data)

        assert said(refused) == [f"Nothing was saved. {words}"]
        assert tried.context["refusal"] == words
        assert refused.context["form"].sliders[0].value == "0"
        assert "<b>" not in refused.content.decode()
        assert Program.objects.values().get() == before

    def test_a_member_tries_and_does_not_save(self, signed_in, program, people):
        before = Program.objects.values().get()
        data = posted(weighing(seniority=1), seen=criteria_of(program).digest)

        page = signed_in.get(PAGE)
        tried = signed_in.post(TRY, data)

        assert ">Save criteria</button>" not in page.content.decode()
        assert tried.context["trial"].words == "2 of 2 proposed pairs would change."
        assert signed_in.post(PAGE, data).status_code == 403
        assert Program.objects.values().get() == before

    def test_whoever_is_on_no_committee_gets_nowhere(self, client, program):
        staff = MembershipFactory().user
        staff.memberships.all().delete()
        data = posted(weighing(seniority=1))
        assert client.post(TRY, data).url.startswith(reverse("admin:login"))
        client.force_login(staff, backend="django.contrib.auth.backends.ModelBackend")

        assert client.get(PAGE).url == reverse("admin:index")
        assert client.post(PAGE, data).url == reverse("admin:index")
        assert client.post(TRY, data).url == reverse("admin:index")
        part = client.post(TRY, data, headers={"HX-Request": "true"})
        assert part["HX-Redirect"] == reverse("admin:index")

    def test_a_trial_is_posted(self, signed_in):
        assert signed_in.get(TRY).status_code == 405

    def test_names_are_text(self, as_chair, program, people):
        people["ben"].name = "<script>Ben</script>"
        people["ben"].save()

        page = as_chair.post(TRY, posted(weighing(seniority=1))).content.decode()

        assert "&lt;script&gt;Ben" in page
        assert "<script>" not in page

    def test_queries_do_not_grow_with_people(
        self, as_chair, program, people, django_assert_num_queries
    ):
        data = posted(weighing(seniority=1))
        with CaptureQueriesContext(connection) as few:
            as_chair.post(TRY, data)
        ParticipantFactory.create_batch(5, program=program, mentee=True, fields=[BIOLOGY])

        with django_assert_num_queries(len(few)):
            as_chair.post(TRY, data)

"""A program with a row of everything, in which each word and each key tells whose it is."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.contrib.auth.models import User
from django.db.models import Q
from django.utils import timezone

from matching.domain.matches.steps import rows_of as match_rows
from matching.models import BoardStep, ConcernEntry, Match, MentorAnswer
from mentorship.domain.heartbeat import BEAT, WORKER, beat
from mentorship.models import Draft, Import, Membership, Program
from notifications.models import Bounce, Kind
from tests import factories

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Seeded:
    """A program; `mark` is in each word of its people, `number` begins each key of its rows.

    `private` is in each note that the committee wrote for itself, `confidential` in what somebody
    wrote to the chairs alone.
    """

    program: Program
    mark: str
    number: int
    users: dict[str, User]

    @property
    def key(self) -> int:
        """The key of each row, where a model has one of it."""
        return self.number * 100

    @property
    def private(self) -> str:
        return f"private{self.mark}"

    @property
    def confidential(self) -> str:
        return f"confidential{self.mark}"

    @property
    def link_key(self) -> str:
        return f"link-{self.mark}"

    @property
    def words(self) -> list[str]:
        """What stands in nothing that is of another program, in small letters."""
        return [self.mark.lower(), self.program.slug, str(self.number)]

    @property
    def blanks(self) -> dict[str, Any]:
        """What fills an address of this program."""
        return {
            "slug": self.program.slug,
            "pk": self.key,
            "object_id": self.key,
            "match": self.key,
            "version": self.key,
            "draft": self.key + 2,
            "concern": self.key,
            "kind": Kind.REMINDER.value,
            "key": self.link_key,
            "case": "role",
            "case_key": self.key,
            "account": "MQ",
            "source": "pretix",
            "hook": "nobodys",
            "token": "nobodys",
            "digest": "0" * 64,
        }

    def sent(self) -> dict[str, Any]:
        """Return what a form or an address may send of this program."""
        key = self.key
        names = ("match", "mentor", "person", "participant", "pk", "id", "batch", "mail")
        names = (*names, "proposal", "import", "lock", "unlock", "step", "earlier")
        return dict.fromkeys(names, key) | {
            "mentee": key + 1,
            "other": key + 1,
            "wisher": key,
            "to": key,
            "first": key,
            "second": key + 1,
            "only": f"{key},{key + 1}",
            "emails": f"{key}",
            "do": "dissolve",
            "read": "1",
            "why": "because",
            "seen": "1",
            "since": "1",
            "bin": "0",
            "number": "1",
            "value": "mentor",
            "choice": "mentor",
            "_selected_action": [key, key + 1],
            "post": "yes",
        }


def seed(mark: str, number: int) -> Seeded:
    """Make a program with one row of everything, and an account at each level."""
    for part in (WORKER, BEAT):
        beat(part=part)  # so that the site is ready
    key = number * 100
    today = timezone.localdate(timezone=datetime.UTC)
    program = factories.ProgramFactory(
        id=key,
        slug=f"program-{number}",
        name=f"Conference {number}",
        starts_on=today + 9 * DAY,
        ends_on=today + 15 * DAY,
        time_zone="UTC",
        mentors_first=True,
        open_signup=True,
    )
    seeded = Seeded(program, mark, number, {})
    for place, level in enumerate(Membership.Level.values):
        seeded.users[level] = factories.UserFactory(
            username=f"{level}-{mark}", email=f"{level}@{mark}.example"
        )
        Membership.objects.create(
            pk=key + place, program=program, user=seeded.users[level], level=level
        )
    mentor, mentee, third = (
        factories.ParticipantFactory(
            pk=key + place,
            program=program,
            name=f"{mark} person {place}",
            email=f"{mark}{place}@freemail.example",
            affiliation=f"{mark} institute",
            committee_notes=f"{seeded.private} about {place}",
            link_key=seeded.link_key + (f"-{place}" if place else ""),
            mentee=place > 0,
            capacity=2,
        )
        for place in range(3)
    )
    factories.MatchFactory(
        pk=key, program=program, mentor=mentor, mentee=mentee, note=f"{seeded.private} on them"
    )
    now = timezone.now()
    Match.objects.filter(pk=key).update(status="announced", announced_at=now)
    draft = factories.MatchFactory(pk=key + 1, program=program, mentor=mentor, mentee=third)
    MentorAnswer.objects.create(
        pk=key, program=program, mentor=mentor, mentee=draft.mentee, asked_at=now
    )
    match = Match.objects.get(pk=key)
    factories.SurveyResponseFactory(
        pk=key, participant=mentor, notes=f"{mark} answer", rather_not_meet=f"{seeded.private} wish"
    )
    Draft.objects.create(
        participant=mentor,
        answers={"notes": [f"{mark} draft"]},
        seen=key,
        saved_at=now,
        minute_began_at=now,
    )
    for place, (kind, words) in enumerate(
        (("cannot_reach", f"{mark} asks"), ("not_right", seeded.confidential))
    ):
        concern = factories.ConcernFactory(
            pk=key + place, participant=mentee, kind=kind, text=words, match=match
        )
        ConcernEntry.objects.create(concern=concern, did="noted", text=f"{seeded.private} {words}")
    factories.FeedbackFactory(pk=key, participant=mentee, went_well=f"{mark} went well")
    factories.CheckInFactory(pk=key, match=match, participant=mentee)
    factories.MeetingFactory(pk=key, match=match, proposed_by=mentee)
    factories.KeepApartFactory(
        pk=key, program=program, first=mentor, second=third, note=f"{seeded.private} apart"
    )
    factories.PastPairFactory(
        pk=key, program=program, first_email=f"{mark}@a.example", second_email=mentee.email
    )
    factories.ProposalFactory(pk=key, program=program, created_by=seeded.users["chair"])
    BoardStep.objects.create(
        pk=key,
        program=program,
        kind="match",
        version=1,
        changes=[
            {"match": pk, "before": None, "after": row}
            for pk, row in match_rows(Q(pk=draft.pk)).items()
        ],
    )
    factories.QuestionFactory(pk=key, program=program, text=f"{mark} question?")
    for model in ("Field", "Sector"):
        apps.get_model("mentorship", model).objects.create(
            pk=key, program=program, name=f"{mark} {model}", order=9
        )
    factories.EmailTemplateFactory(pk=key, program=program, kind=Kind.REMINDER, body=f"{mark} text")
    factories.ScheduleFactory(pk=key, program=program)
    factories.ValueMeaningFactory(pk=key, program=program, shown=f"{mark} word")
    by = seeded.users["chair"]
    factories.ImportFactory(pk=key, program=program, created_by=by, file_name=f"{mark}.csv")
    factories.ImportFactory(
        pk=key + 2,
        program=program,
        created_by=by,
        state=Import.State.DRAFT,
        imported_at=None,
        file_name=f"{mark}-draft.csv",
    )
    factories.ProposalRunFactory(pk=key, program=program)
    source = factories.ImportSourceFactory(
        pk=key, program=program, address=f"https://{mark}.example/a.csv", hook_key=f"hook-{mark}"
    )
    factories.SourceRunFactory(pk=key, source=source, outcome="failed", words=f"{mark} failed")
    batch = factories.EmailBatchFactory(pk=key, program=program, leaves_at=now + DAY, created_by=by)
    for place, kind in enumerate((Kind.SURVEY, Kind.PROBLEM_RECEIVED)):
        words = f"{mark} subject" if not place else seeded.confidential
        mail = factories.EmailLogFactory(
            pk=key + place,
            program=program,
            kind=kind,
            about=key + 1,
            batch=batch,
            recipients=[f"{mark}{place}@freemail.example"],
            subject=words,
            text_body=f"{words} /p/{seeded.link_key}/",
            html_body=words,
        )
        mail.people.add(mentor)
    Bounce.objects.create(
        pk=key, mail_id=key, reported=mentor.email, report=mark, kind="full", words=mark
    )
    return seeded


def rows_of(program: Program) -> dict[Any, Any]:
    """Return the program, and every row that names it, by model."""
    labels = ("mentorship", "matching", "notifications")
    models = [model for label in labels for model in apps.get_app_config(label).get_models()]
    rows: dict[Any, Any] = {
        model: list(model.objects.filter(program=program).order_by("pk").values())
        for model in models
        if hasattr(model, "program_id")
    }
    return rows | {Program: Program.objects.values().get(pk=program.pk)}

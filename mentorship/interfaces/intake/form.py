"""The intake form: a program's fixed questions and its committee's own, for one person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict

from mentorship.domain.survey.answers import ASKED_HERE, NAMES, Answers
from mentorship.interfaces.intake.choices import HOURS, breakable, days
from mentorship.interfaces.intake.own_questions import NOT_SAID, as_stored, question_field
from mentorship.interfaces.intake.questions import EITHER, NOT_TAKING_PART, IntakeQuestions
from mentorship.interfaces.intake.time_zones import TimeZoneField
from mentorship.interfaces.public_form import dress
from mentorship.models import Attendance, OtherRole, Participant, Role, SurveyResponse

# Questions that are called as the column of Participant, and those of the response alone.
AS_TYPED = (
    "name", "short_name", "career_stage", "affiliation", "topics_offered", "topics_wanted", "notes",
    "time_zone",
)  # fmt: skip
WISHES = ("wants_to_meet", "rather_not_meet")
UNSAID = "unsaid"


@dataclass(frozen=True)
class FormSection:
    """A part of the form: its heading, and for each question who is asked it ("" is everyone)."""

    title: str
    intro: str
    questions: list[tuple[forms.BoundField, str]]


class IntakeForm(IntakeQuestions):
    """Asks one person; prefilled with what is known; `answers()` returns what was said.

    Every question is on the page, whatever the role, so that it works without a script. An error
    in a question that is not asked of the chosen role or attendance is dropped.
    """

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        participant: Participant,
        newest: SurveyResponse | None = None,
        typed: Mapping[str, list[str]] | None = None,
    ) -> None:
        """Ask a person; `newest` is their response that counts, `typed` what they never sent.

        A form that was sent shows what was sent with it, so it does not need `newest`.
        """
        self.participant = participant
        program = participant.program
        self._fields_by_key = {str(field.pk): field for field in program.fields.all()}
        self._sectors_by_key = {str(sector.pk): sector for sector in program.sectors.all()}
        self._questions = {f"question_{q.pk}": q for q in program.questions.asked()}
        super().__init__(data)
        for name, question in self._questions.items():
            self.fields[name] = question_field(question)
            dress(self.fields[name])
        # A page that was opened before the form asked for names sends none, and changes none.
        self.fields["name"].required = data is None or "name" in data
        self._offer_choices()
        if data is None:
            never_sent = {} if typed is None else self._as_typed(typed)
            self.initial = self.known(newest) | never_sent

    def known(self, newest: SurveyResponse | None) -> dict[str, Any]:
        """Return what the form shows of what is known, `newest` being the response that counts."""
        person = self.participant
        role = EITHER if person.other_role == OtherRole.EITHER else person.role
        known: dict[str, Any] = {
            "role": role if person.takes_part else NOT_TAKING_PART,
            "other_role": "yes" if person.other_role == OtherRole.IF_SHORT else "",
            "attendance": person.attendance,
            "expertise": [str(field.pk) for field in person.fields.all()],
            "sector": str(person.sector_id or ""),
        }
        for name in (*AS_TYPED, "capacity"):
            known[name] = getattr(person, name)
        if newest:
            here = newest.origin == SurveyResponse.Origin.FORM
            if here and newest.taking_part and not person.sector_id:
                known["sector"] = UNSAID
            known |= {name: getattr(newest, name) for name in WISHES}
            known["days_there"] = newest.days_there
            known["free_hours"] = [
                key for key, hours in HOURS.items() if set(hours) <= set(newest.free_hours)
            ]
            for name, question in self._questions.items():
                known[name] = newest.other_answers.get(str(question.pk))
        return known

    def _as_typed(self, typed: Mapping[str, list[str]]) -> dict[str, Any]:
        """Return what was typed as the form shows it; a browser sends no box that is not ticked."""
        shown: dict[str, Any] = {}
        for name, field in self.fields.items():
            if isinstance(field, forms.MultipleChoiceField):
                shown[name] = typed.get(name, [])
            elif name in typed:
                shown[name] = typed[name][0] if typed[name] else ""
        return shown

    def _offer_choices(self) -> None:
        program = self.participant.program
        fields = [(key, breakable(str(row))) for key, row in self._fields_by_key.items()]
        sectors = [(key, str(row)) for key, row in self._sectors_by_key.items()]
        if sectors:
            sectors.append((UNSAID, NOT_SAID))
        formats = program.formats
        time_zone = self.fields["time_zone"]
        assert isinstance(time_zone, TimeZoneField)
        time_zone.offer(program.starts_on, self.participant.time_zone)
        self._offer("expertise", fields, required=bool(fields))
        self._offer("sector", [("", "Choose one"), *sectors], required=bool(sectors))
        self._offer("free_hours", [(key, formats.hours(hours)) for key, hours in HOURS.items()])
        self._offer(
            "days_there", [(day.isoformat(), formats.weekday(day)) for day in days(program)]
        )

    def _offer(self, name: str, choices: list[Any], *, required: bool = False) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        field.required = required

    def asked_of(self, name: str) -> str:
        """Return who is asked: mentor, mentee, virtual, one (who takes one role), "" (everyone)."""
        if name == "time_zone":
            return Attendance.VIRTUAL.value
        if name == "other_role":
            return "one"
        if name in ("capacity", "topics_offered"):
            return Role.MENTOR.value
        if name == "topics_wanted":
            return Role.MENTEE.value
        return self._questions[name].role if name in self._questions else ""

    def is_asked(self, name: str, role: Any, attendance: Any) -> bool:
        """Return whether somebody with this role and attendance, as typed, is asked this."""
        if name == "role" or role == NOT_TAKING_PART:
            return name == "role"
        said = {role, attendance}
        said |= {Role.MENTOR, Role.MENTEE} if role == EITHER else {"one"}
        asked_of = self.asked_of(name)
        return not asked_of or asked_of in said

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        role = cleaned.get("role")
        for name in list(self.errors):
            if not self.is_asked(name, role, cleaned.get("attendance")):
                del self.errors[name]
        if (
            role != NOT_TAKING_PART
            and cleaned.get("attendance") == Attendance.VIRTUAL
            and cleaned.get("free_hours")
            and not cleaned.get("time_zone")
            and "time_zone" not in self.errors
        ):
            self.add_error("time_zone", "Choose the time zone of your free hours.")
        return cleaned

    def answers(self) -> Answers:
        """Return what was said; the form must be valid."""
        said = self.cleaned_data
        role = said["role"]
        if role == NOT_TAKING_PART:
            return Answers(taking_part=False)
        hours = sorted(hour for key in said.get("free_hours", []) for hour in HOURS[key])
        other = OtherRole.IF_SHORT.value if said.get("other_role") else ""
        return Answers(
            role="" if role == EITHER else role,
            other_role=OtherRole.EITHER.value if role == EITHER else other,
            attendance=said["attendance"],
            fields=[self._fields_by_key[key] for key in said["expertise"]],
            sector=self._sectors_by_key.get(said["sector"]),
            capacity=said.get("capacity") if role in (Role.MENTOR, EITHER) else None,
            free_hours=hours,
            days_there=said.get("days_there", []),
            other_answers={
                str(question.pk): as_stored(said[name])
                for name, question in self._questions.items()
                if said.get(name)
            },
            asked=ASKED_HERE - {name for name in (*NAMES, "other_role") if name not in self.data}
            | ({"other_role"} if role == EITHER else set()),
            **{name: said.get(name, "") for name in (*AS_TYPED, *WISHES)},
        )

    def sections(self) -> list[FormSection]:
        """Return the questions as the page shows them."""
        days_asked = ["days_there"] if days(self.participant.program) else []
        parts = [
            ("You", "", ["name", "short_name"]),
            ("How you take part", "", ["role", "other_role", "attendance"]),
            ("Your work", "", ["expertise", "sector", "career_stage", "affiliation"]),
            (
                "What you’d like to talk about",
                "",
                ["capacity", "topics_offered", "topics_wanted", "notes", *self._questions],
            ),
            (
                "When you could meet",
                "Pairs are free to agree on any time. This helps to suggest one.",
                ["time_zone", "free_hours", *days_asked],
            ),
            ("Wishes", "", ["wants_to_meet", "rather_not_meet"]),
        ]
        return [
            FormSection(title, intro, [(self[name], self.asked_of(name)) for name in names])
            for title, intro, names in parts
        ]

    def problems(self) -> list[tuple[str, str, str]]:
        """Return (address in the page, question, what is wrong) for the summary at the top."""
        found = []
        for name in self.fields:
            for error in self.errors.get(name, []):
                bound = self[name]
                several = isinstance(bound.field.widget, forms.RadioSelect)
                found.append((f"{bound.auto_id}{'_0' * several}", str(bound.label), str(error)))
        return found

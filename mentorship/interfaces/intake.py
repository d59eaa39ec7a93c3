"""The intake form: a program's fixed questions and its committee's own, for one person."""

from __future__ import annotations

import datetime
import functools
import zoneinfo
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

from mentorship.domain.survey.responses import Answers
from mentorship.interfaces.public_form import PublicForm, dress
from mentorship.models import Attendance, CareerStage, Participant, Question, Role, SurveyResponse

NOT_TAKING_PART = "none"
VIRTUAL_ONLY = ("time_zone", "free_hours")
# Questions that are called as the column of Participant, and those of the response alone.
AS_TYPED = (
    "career_stage", "affiliation", "topics_offered", "topics_wanted", "notes", "time_zone",
)  # fmt: skip
WISHES = ("wants_to_meet", "rather_not_meet")
# As long as an import takes them, or what was imported could not be saved again.
LONG, SHORT = 10_000, 200
# What people can tick, and the hours on their own clock for which it stands.
HOURS = {
    "early": range(6, 9),
    "morning": range(9, 12),
    "midday": range(12, 15),
    "afternoon": range(15, 18),
    "evening": range(18, 21),
    "late": range(21, 24),
}
RATHER_NOT_SAY = "I’d rather not say"
# What Django's own words say to a programmer, said to a person.
REFUSED = {
    "invalid_choice": "Choose from the options listed here.",
    "max_length": "Shorten this to at most %(limit_value)d characters. It has %(show_value)d.",
    "null_characters_not_allowed": "Type this again. It has a character that can’t be saved.",
}
REGIONS = (
    "Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe",
    "Indian", "Pacific",
)  # fmt: skip


@dataclass(frozen=True)
class FormSection:
    """A part of the form: its heading, and for each question who is asked it ("" is everyone)."""

    title: str
    intro: str
    questions: list[tuple[forms.BoundField, str]]


@functools.lru_cache(maxsize=8)
def time_zone_choices(on: datetime.date) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the zones by region, each with its distance from UTC at noon of this day."""
    noon = datetime.datetime.combine(on, datetime.time(12))
    grouped: dict[str, list[tuple[str, str]]] = {region: [] for region in REGIONS}
    for name in sorted(zoneinfo.available_timezones()):
        region, _, place = name.partition("/")
        if place and region in grouped:
            offset = f"{noon.replace(tzinfo=zoneinfo.ZoneInfo(name)):%z}"
            label = f"{place.replace('_', ' ')} (UTC{offset[:3]}:{offset[3:5]})"
            grouped[region].append((name, label))
    return [*grouped.items(), ("No region", [("UTC", "UTC")])]


class SentencesField(forms.CharField):
    """Some sentences, at most as many characters as the browser lets people type.

    A browser sends each line break as two characters and counts it as one.
    """

    def __init__(self, **options: Any) -> None:
        area = forms.Textarea(attrs={"rows": 3})
        super().__init__(
            max_length=LONG, required=False, widget=area, error_messages=REFUSED, **options
        )

    def to_python(self, value: Any) -> Any:
        return super().to_python(value and str(value).replace("\r\n", "\n"))


class IntakeForm(PublicForm):
    """Asks one person; prefilled with what is known; `answers()` returns what was said.

    Every question is on the page, whatever the role, so that it works without a script. An error
    in a question that is not asked of the chosen role or attendance is dropped.
    """

    role = forms.ChoiceField(
        label="I’d like to take part as",
        choices=[
            (Role.MENTOR, "a mentor"),
            (Role.MENTEE, "a mentee"),
            (NOT_TAKING_PART, "I can’t take part after all"),
        ],
        widget=forms.RadioSelect,
        error_messages=REFUSED
        | {"required": "Choose mentor or mentee, or say that you can’t take part."},
    )
    attendance = forms.ChoiceField(
        label="I’m attending",
        choices=[(Attendance.IN_PERSON, "in person"), (Attendance.VIRTUAL, "virtually")],
        widget=forms.RadioSelect,
        error_messages=REFUSED | {"required": "Choose in person or virtually."},
    )
    expertise = forms.MultipleChoiceField(
        label="My fields",
        help_text="Choose all that fit: the more you choose, the easier it is to match you. "
        "If none of them fits, choose Other.",
        widget=forms.CheckboxSelectMultiple,
        error_messages=REFUSED | {"required": "Choose at least one field."},
    )
    sector = forms.ChoiceField(
        label="Employment sector", error_messages=REFUSED | {"required": "Choose your sector."}
    )
    career_stage = forms.ChoiceField(
        label="Career stage",
        choices=[("", RATHER_NOT_SAY), *CareerStage.choices],
        required=False,
        error_messages=REFUSED,
    )
    affiliation = forms.CharField(
        label="Where do you work or study?",
        help_text="So that you’re not matched with a colleague.",
        max_length=SHORT,
        required=False,
        error_messages=REFUSED,
        widget=forms.TextInput(attrs={"autocomplete": "organization"}),
    )
    capacity = forms.IntegerField(
        label="If you’re a mentor: how many mentees could you take?",
        help_text="Most mentors take one. Everyone gets a first mentee before anyone gets a "
        "second. With 0 you stay on the list, and the committee asks you only if it needs to.",
        min_value=0,
        max_value=20,
        # Not a number input: it forgets words, and here what was typed is kept.
        widget=forms.TextInput(attrs={"inputmode": "numeric"}),
        error_messages={
            "required": "Enter how many mentees you could take. Most mentors enter 1.",
            "invalid": "Enter the number of mentees in digits, such as 1.",
            "min_value": "The number of mentees can’t be below 0.",
            "max_value": "That’s more than one person can mentor. Enter 20 or fewer.",
        },
    )
    topics_offered = SentencesField(
        label="If you’re a mentor: what could you talk about?",
        help_text="Two sentences are plenty.",
    )
    topics_wanted = SentencesField(
        label="If you’re a mentee: what would you like to talk about?",
        help_text="Your first job, your first talk, a change of field? Two sentences are plenty.",
    )
    notes = SentencesField(
        label="Anything else that helps match you?",
        help_text="What you work on, the libraries you use, what you enjoy.",
    )
    time_zone = forms.ChoiceField(
        label="Your time zone during the conference",
        required=False,
        error_messages={"invalid_choice": "Choose a time zone from the list."},
    )
    free_hours = forms.MultipleChoiceField(
        label="When could you have a call?",
        help_text="On your own clock, on most days of the conference.",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages=REFUSED,
    )
    wants_to_meet = forms.CharField(
        label="Is there someone you’d like to meet?",
        help_text="A name, or a kind of person. The committee will try, but can’t promise it.",
        max_length=SHORT,
        required=False,
        error_messages=REFUSED,
    )
    rather_not_meet = forms.CharField(
        label="Is there someone you’d rather not be matched with?",
        help_text="Only the committee sees this. You don’t need to say why.",
        max_length=SHORT,
        required=False,
        error_messages=REFUSED,
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        participant: Participant,
        newest: SurveyResponse | None,
    ) -> None:
        self.participant = participant
        program = participant.program
        self._fields_by_key = {str(field.pk): field for field in program.fields.all()}
        self._sectors_by_key = {str(sector.pk): sector for sector in program.sectors.all()}
        self._questions = {f"question_{q.pk}": q for q in program.questions.all()}
        super().__init__(data, initial=self._known(newest))
        self._offer_choices()
        for name, question in self._questions.items():
            self.fields[name] = question_field(question)
            dress(self.fields[name])

    def _known(self, newest: SurveyResponse | None) -> dict[str, Any]:
        person = self.participant
        known: dict[str, Any] = {
            "role": person.role if person.takes_part else NOT_TAKING_PART,
            "attendance": person.attendance,
            "expertise": [str(field.pk) for field in person.fields.all()],
            "sector": str(person.sector_id or ""),
        }
        for name in (*AS_TYPED, "capacity"):
            known[name] = getattr(person, name)
        if newest:
            known |= {name: getattr(newest, name) for name in WISHES}
            known["free_hours"] = [
                key for key, hours in HOURS.items() if set(hours) <= set(newest.free_hours)
            ]
            for name, question in self._questions.items():
                known[name] = newest.other_answers.get(str(question.pk))
        return known

    def _offer_choices(self) -> None:
        fields = [(key, breakable(str(row))) for key, row in self._fields_by_key.items()]
        sectors = [(key, str(row)) for key, row in self._sectors_by_key.items()]
        formats = self.participant.program.formats
        zones = time_zone_choices(self.participant.program.starts_on)
        known = self.participant.time_zone
        kept = [] if known in {key for _, rows in zones for key, _ in rows} else [(known, known)]
        self._offer("expertise", fields, required=bool(fields))
        self._offer("sector", [("", "Choose one"), *sectors], required=bool(sectors))
        self._offer("free_hours", [(key, formats.hours(hours)) for key, hours in HOURS.items()])
        self._offer("time_zone", [("", "Choose one"), *(kept if known else []), *zones])

    def _offer(self, name: str, choices: list[Any], *, required: bool = False) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
        field.required = required

    def asked_of(self, name: str) -> str:
        """Return who this question is for: mentor, mentee, virtual, or "" for everyone."""
        if name in VIRTUAL_ONLY:
            return Attendance.VIRTUAL.value
        if name in ("capacity", "topics_offered"):
            return Role.MENTOR.value
        if name == "topics_wanted":
            return Role.MENTEE.value
        return self._questions[name].role if name in self._questions else ""

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        role = cleaned.get("role")
        for name in list(self.errors):
            asked_of = self.asked_of(name)
            elsewhere = asked_of and asked_of not in (role, cleaned.get("attendance"))
            if name != "role" and (role == NOT_TAKING_PART or elsewhere):
                del self.errors[name]
        if (
            role != NOT_TAKING_PART
            and cleaned.get("free_hours")
            and not cleaned.get("time_zone")
            and "time_zone" not in self.errors
        ):
            self.add_error("time_zone", "Choose the time zone of your free hours.")
        return cleaned

    def answers(self) -> Answers:
        """Return what was said; the form must be valid."""
        said = self.cleaned_data
        if said["role"] == NOT_TAKING_PART:
            return Answers(taking_part=False)
        hours = sorted(hour for key in said.get("free_hours", []) for hour in HOURS[key])
        return Answers(
            role=said["role"],
            attendance=said["attendance"],
            fields=[self._fields_by_key[key] for key in said["expertise"]],
            sector=self._sectors_by_key.get(said["sector"]),
            capacity=said.get("capacity") if said["role"] == Role.MENTOR else None,
            free_hours=hours,
            other_answers={
                str(question.pk): said[name]
                for name, question in self._questions.items()
                if said.get(name)
            },
            **{name: said.get(name, "") for name in (*AS_TYPED, *WISHES)},
        )

    def sections(self) -> list[FormSection]:
        """Return the questions as the page shows them."""
        parts = [
            ("How you take part", "", ["role", "attendance"]),
            ("Your work", "", ["expertise", "sector", "career_stage", "affiliation"]),
            (
                "What you’d like to talk about",
                "",
                ["capacity", "topics_offered", "topics_wanted", "notes", *self._questions],
            ),
            (
                "If you’re attending virtually",
                "You and your match will meet on a call, so it helps to know when you’re free.",
                ["time_zone", "free_hours"],
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


def breakable(name: str) -> SafeString:
    """Return a name as HTML that a narrow page may break after each slash, not within a word."""
    return format_html_join(mark_safe("/<wbr>"), "{}", ([part] for part in name.split("/")))


def question_field(question: Question) -> forms.Field:
    """Return the form field for a question of the committee's own."""
    text = question.text
    if question.role:
        text = f"If you’re a {question.role}: {text[:1].lower()}{text[1:]}"
    choices = [(str(choice), str(choice)) for choice in question.choices]
    shared: dict[str, Any] = {
        "label": text,
        # The form's template takes help texts for HTML.
        "help_text": escape(question.help_text),
        # Nobody can choose from an empty list, and nobody should be stuck at it.
        "required": question.required and (question.kind == Question.Kind.TEXT or bool(choices)),
        "error_messages": REFUSED | {"required": f"Answer “{question.text}”."},
    }
    if question.kind == Question.Kind.MULTIPLE:
        return forms.MultipleChoiceField(
            choices=choices, widget=forms.CheckboxSelectMultiple, **shared
        )
    if question.kind == Question.Kind.CHOICE:
        if not question.required:
            choices.append(("", RATHER_NOT_SAY))
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **shared)
    return forms.CharField(max_length=500, **shared)


class GoodbyeForm(PublicForm):
    """Confirms that a person can't take part after all."""

    why = forms.CharField(
        label="Is there anything the committee should know? (optional)",
        help_text="You don’t need to give a reason.",
        max_length=SHORT,
        required=False,
        error_messages=REFUSED,
    )

    def answers(self) -> Answers:
        """Return the answer that takes no part."""
        return Answers(taking_part=False, notes=self.cleaned_data["why"])

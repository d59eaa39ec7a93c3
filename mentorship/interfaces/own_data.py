"""What is stored about one person, for that person to read and take away."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from django.http import JsonResponse

from mentorship.domain.signals import own_data_asked
from mentorship.domain.survey.drafts import draft_of
from mentorship.domain.survey.readable import days_in_words, own_answers, questions_of
from mentorship.interfaces.intake.form import IntakeForm
from mentorship.interfaces.intake.words import in_words
from mentorship.interfaces.timeline.changes import changed_details
from mentorship.models import Participant, Question, ResearchTurn, Source, SurveyResponse


def readable_data(person: Participant) -> dict[str, Any]:
    """Return `own_data` for the page: moments as the program writes them."""
    return _written(own_data(person), person.program.formats.moment)


def data_response(person: Participant, *, confidential: bool = True) -> JsonResponse:
    """Return `own_data` as a file to download: moments as ISO 8601 with the zone."""
    response = JsonResponse(
        _written(own_data(person, confidential=confidential), person.program.moment),
        json_dumps_params={"ensure_ascii": False, "indent": 1},
    )
    response["Content-Disposition"] = f'attachment; filename="{person.program.slug}-my-data.json"'
    return response


def own_data(person: Participant, *, confidential: bool = True) -> dict[str, Any]:
    """Return everything that is stored about a person.

    Without `confidential` what they wrote to the chairs alone is left out: other members of the
    committee may make this file for somebody.

    `details` are [{"detail", "value", "from"}...] (what is known, and where it came from);
    `answers` are [{"sent", "through", "answers": [{"question", "answer"}...]}...], newest first;
    `draft` are [{"question", "typed"}...], what was not sent yet;
    `changes` are [{"when", "detail", "before", "after"}...], oldest first;
    `research` is [{"when", "outcome", "source"}], what the committee looked up. The packages above
    add their own lists in answer to the signal `own_data_asked`: matches, mentor_answers,
    problems, feedback, `emails`.
    What is empty is left out. Moments are aware datetimes. The committee's own notes, what others
    wrote about the person and the secret of the link are not in it.
    """
    questions = questions_of(person.program)
    responses = person.responses.select_related("sector").prefetch_related("fields")
    return {
        "program": person.program.name,
        "details": [
            {"detail": what, "value": value, "from": source}
            for what, value, source in _details(person)
            if value not in ("", None)
        ],
        "answers": [_answer(response, person, questions) for response in responses],
        **{name: rows for name, rows in _lists(person, confidential) if rows},
    }


def _lists(person: Participant, confidential: bool) -> Iterator[tuple[str, list[Any]]]:
    yield "draft", _draft(person)
    yield "changes", _changes(person)
    yield "research", _research(person)
    answers: list[tuple[Any, Any]] = own_data_asked.send(
        Participant, person=person, confidential=confidential
    )
    for _, lists in answers:
        yield from lists.items()


def _research(person: Participant) -> list[dict[str, Any]]:
    """Return when the committee looked the person up, and where it found what it filled in."""
    ended = ResearchTurn.objects.filter(participant=person, ended_at__isnull=False)
    return [
        {"when": turn.ended_at, "outcome": turn.get_outcome_display(), "source": turn.source}
        for turn in ended
    ]


def _draft(person: Participant) -> list[dict[str, str]]:
    """Return what the person has typed into the form and not sent: question and words."""
    draft = draft_of(person)
    if draft is None:
        return []
    form = IntakeForm(participant=person, newest=None, typed=draft.answers)
    typed = {name: in_words(form, name, form[name].value()) for name in form.fields}
    return [
        {"question": str(form[name].label), "typed": words}
        for name, words in typed.items()
        if words and name in draft.answers
    ]


def _written(value: Any, write: Callable[[datetime], str]) -> Any:
    """Return the same with every moment in it as text."""
    if isinstance(value, dict):
        return {key: _written(inner, write) for key, inner in value.items()}
    if isinstance(value, list):
        return [_written(inner, write) for inner in value]
    return write(value) if isinstance(value, datetime) else value


def _changes(person: Participant) -> list[dict[str, Any]]:
    """Return what became of the person's details since they came, oldest first."""
    return [
        {
            "when": change.when,
            "detail": change.detail,
            "before": change.before,
            "after": change.after,
        }
        for change in changed_details(person)
    ]


def _details(person: Participant) -> list[tuple[str, Any, str]]:
    def source(detail: str, otherwise: str = "") -> str:
        known = person.detail_sources.get(detail, otherwise)
        return labels.get(known, "")

    labels = {source.value: str(source.label).lower() for source in Source}
    signup, survey, committee = (labels[key] for key in ("signup", "survey", "committee"))
    fields = ", ".join(field.name for field in person.fields.all())
    return [
        ("Name", person.name, source("name", "signup")),
        ("Goes by", person.short_name, source("short_name")),
        ("Email address", person.email, source("email", "signup")),
        ("Role at sign-up", person.get_signup_role_display(), signup),
        ("Role in the survey", person.get_survey_role_display(), survey),
        ("Role decided", person.get_decided_role_display(), committee),
        ("Role chosen when asked", person.get_confirmed_role_display() or "", survey),
        ("Could take the other role", person.get_other_role_display() or "", survey),
        ("Attendance by ticket", person.get_signup_attendance_display(), signup),
        ("Attendance in the survey", person.get_survey_attendance_display(), survey),
        ("Attendance decided", person.get_decided_attendance_display(), committee),
        ("Fields", fields, source("fields")),
        ("Employment sector", str(person.sector or ""), source("sector")),
        ("Career stage", person.get_career_stage_display(), source("career_stage")),
        ("Affiliation", person.affiliation, source("affiliation")),
        ("Mentees at most", person.capacity if person.role == "mentor" else "", source("capacity")),
        ("Would like to talk about", person.topics_wanted, source("topics_wanted")),
        ("Could talk about", person.topics_offered, source("topics_offered")),
        ("Notes", person.notes, source("notes")),
        ("Time zone", person.time_zone, source("time_zone")),
        ("Ticket", person.ticket, signup),
        ("Order number", person.order_number, signup),
        ("Registered", person.registered_at, signup),
        ("Signed up on the public page", person.signed_up_openly_at, signup),
        ("No longer registered since", person.missing_since, signup),
        ("An email bounced", person.mail_bounced_at, ""),
        ("Why it bounced", person.mail_bounced_why, ""),
        ("No reminders since", person.unsubscribed_at, ""),
        ("Left the program", person.withdrawn_at, source("withdrawn")),
        ("Reason for leaving", person.withdrawn_why, source("withdrawn")),
    ]


def _answer(
    response: SurveyResponse, person: Participant, questions: dict[str, Question]
) -> dict[str, Any]:
    formats = person.program.formats
    said: list[tuple[str, Any]] = [
        ("Taking part", "yes" if response.taking_part else "no"),
        ("Name", response.name),
        ("Goes by", response.short_name),
        ("Role", response.get_role_display()),
        ("Could take the other role", response.get_other_role_display()),
        ("Attendance", response.get_attendance_display()),
        ("Fields", ", ".join(field.name for field in response.fields.all())),
        ("Employment sector", str(response.sector or "")),
        ("Career stage", response.get_career_stage_display()),
        ("Affiliation", response.affiliation),
        ("Mentees at most", response.capacity_as_typed or response.capacity),
        ("Could talk about", response.topics_offered),
        ("Would like to talk about", response.topics_wanted),
        ("Notes", response.notes),
        ("Time zone", response.time_zone),
        ("Free to meet", formats.hours(response.free_hours)),
        ("Days there", days_in_words(response, formats)),
        ("Would like to meet", response.wants_to_meet),
        ("Would rather not be matched with", response.rather_not_meet),
        *own_answers(response, questions, formats),
    ]
    return {
        "sent": response.submitted_at,
        "through": response.get_origin_display(),
        "answers": [
            {"question": question, "answer": value}
            for question, value in said
            if value not in ("", None)
        ],
    }

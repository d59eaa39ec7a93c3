"""The email texts and schedules of a program that is made from another."""

from __future__ import annotations

from django.utils.text import get_text_list
from simple_history.utils import bulk_create_with_history

from mentorship.domain.programs.copy import copies_for, names_year
from mentorship.models import Program
from notifications.models import EmailTemplate, Schedule


def copy_mail(source: Program, program: Program) -> list[str]:
    """Copy email texts, and schedules switched off; say what to look at before email goes.

    A text that names the old year would be mailed as it is, so those are named.
    """
    texts = copies_for(program, EmailTemplate.objects.filter(program=source))
    schedules = copies_for(program, Schedule.objects.filter(program=source))
    year = names_year(source.starts_on.year)
    outdated = [
        text.get_kind_display() for text in texts if year.search(f"{text.subject} {text.body}")
    ]
    for schedule in schedules:
        schedule.is_on, schedule.trouble = False, ""
    bulk_create_with_history(texts, EmailTemplate)
    bulk_create_with_history(schedules, Schedule)
    remarks = []
    if outdated:
        remarks.append(
            f"These email templates still mention {source.starts_on.year}: "
            f"{get_text_list(outdated, 'and')}. Change them before they are sent."
        )
    if schedules:
        remarks.append(
            "The email schedule was copied, switched off. Turn on what you want to be sent."
        )
    return remarks

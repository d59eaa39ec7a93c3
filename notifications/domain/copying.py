"""The mail texts and schedules of a program that is made from another."""

from __future__ import annotations

import re

from django.utils.text import get_text_list
from simple_history.utils import bulk_create_with_history

from mentorship.models import Program
from notifications.models import EmailTemplate, Schedule


def copy_mail(source: Program, program: Program) -> list[str]:
    """Copy mail texts, and schedules switched off; say what to look at before mail goes.

    A text that names the old year would be mailed as it is, so those are named.
    """
    texts = list(EmailTemplate.objects.filter(program=source))
    schedules = list(Schedule.objects.filter(program=source))
    outdated = [
        text.get_kind_display()
        for text in texts
        if re.search(rf"(?<!\d){source.starts_on.year}(?!\d)", f"{text.subject} {text.body}")
    ]
    for text in texts:
        text.pk, text.program, text._state.adding = None, program, True
    for schedule in schedules:
        schedule.pk, schedule.program, schedule._state.adding = None, program, True
        schedule.is_on, schedule.trouble = False, ""
    bulk_create_with_history(texts, EmailTemplate)
    bulk_create_with_history(schedules, Schedule)
    remarks = []
    if outdated:
        remarks.append(
            f"These mail texts still speak of {source.starts_on.year}: "
            f"{get_text_list(outdated, 'and')}. Change them before they are sent."
        )
    if schedules:
        remarks.append("The schedules came along switched off. Turn on what should go by itself.")
    return remarks

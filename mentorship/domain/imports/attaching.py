"""Saying whose the answers are that came from an address nobody in the program has."""

from __future__ import annotations

import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from mentorship.domain.imports.answer_rows import AnswerReader
from mentorship.domain.imports.report import Changed
from mentorship.domain.imports.responses import keep_for_undo
from mentorship.domain.survey.responses import Submission, record_all
from mentorship.models import Import, Participant, Program, SurveyResponse


def attach_answers(done: Import, address: str, person: Participant) -> int:
    """Record the answers that an import kept from this unknown address as this person's.

    Gives how many are new. They keep their own times, can be undone with the import, and later
    files with the address count as the person's. Raises ValidationError, with nothing saved, if
    the person is of another program, or if the answers are not waiting any more.
    """
    with transaction.atomic():
        program = Program.objects.locked(done.program_id)
        kept = Import.objects.select_for_update(of=("self",)).get(pk=done.pk)
        waiting = next((e for e in kept.unattached if e["value"] == address), None)
        if waiting is None or kept.state != Import.State.DONE:
            raise ValidationError(f"The answer of {address} does not wait here any more.")
        if person.program_id != program.pk:
            raise ValidationError("This person is in another program.")
        was = (
            Participant.objects.select_for_update(of=("self",))
            .select_related("program")
            .prefetch_related("fields")
            .get(pk=person.pk)
        )
        submissions = []
        for answer in waiting["answers"]:
            reader = AnswerReader(program, answer["cells"])
            moment = datetime.datetime.fromisoformat(answer["submitted_at"])
            submissions.append(Submission(was, reader.read(answer["cells"]), moment))
        recorded = record_all(submissions, origin=SurveyResponse.Origin.IMPORT, held=True)
        changed = Changed(**kept.undo)
        keep_for_undo(changed, recorded, [was])
        kept.undo = changed.as_json()
        kept.unattached = [entry for entry in kept.unattached if entry is not waiting]
        kept.attached = {**kept.attached, address: was.pk}
        kept.save(update_fields=["undo", "unattached", "attached"])
    return len(recorded.responses)

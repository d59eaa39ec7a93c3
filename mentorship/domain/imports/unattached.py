"""Responses from addresses that nobody in the program has: kept until somebody says whose they are.

A list that is read again and again has the same ones each time, so of a source the newest import
counts. What was attached, or is nobody's, is not asked about again, whichever file it comes with.
"""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from mentorship.domain.imports.responses import attached_addresses
from mentorship.models import Import, Participant, Program


def waiting_responses(program: Program) -> list[tuple[str, Import, dict[str, Any]]]:
    """Return whose responses are to be found, the newest import first: (key, import, entry)."""
    done = Import.objects.done_of(program, Import.Kind.RESPONSES)
    done = done.exclude(unattached=[]).order_by("-imported_at", "-pk")
    newest: dict[Any, int] = {}
    for pk, source in done.values_list("pk", "source_id"):
        newest.setdefault(source or f"file {pk}", pk)
    kept = done.filter(pk__in=newest.values()).only("unattached", "file_name", "program_id")
    found: dict[str, tuple[str, Import, dict[str, Any]]] = {}
    for each in kept if newest else ():
        for entry in each.unattached:
            found.setdefault(entry["value"], (f"{each.pk}-{entry['row']}", each, entry))
    if not found:
        return []
    settled = {*attached_addresses(program), *_nobodys(program)}
    answered = Participant.objects.filter(program=program, email__in=found).answered()
    settled |= set(answered.values_list("email", flat=True))
    return [waiting for address, waiting in found.items() if address not in settled]


def leave_unattached(done: Import, address: str) -> None:
    """Note that the responses from this address are nobody's; they stay with their import.

    They can be attached there all the same. Raise ValidationError, with nothing saved, if they do
    not wait.
    """
    with transaction.atomic():
        Program.objects.locked(done.program_id)
        Program.objects.in_use(done.program_id)
        kept = Import.objects.select_for_update(of=("self",)).get(pk=done.pk)
        if address not in {entry["value"] for entry in kept.unattached}:
            raise ValidationError(f"The response from {address} is no longer waiting here.")
        kept.attached = {**kept.attached, address: None}
        kept.save(update_fields=["attached"])


def _nobodys(program: Program) -> set[str]:
    done = Import.objects.done_of(program, Import.Kind.RESPONSES)
    noted = done.exclude(attached={}).values_list("attached", flat=True)
    return {address for each in noted for address, person in each.items() if person is None}

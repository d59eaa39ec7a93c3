"""What the workers do about imports that are too large for a page to wait for."""

from types import SimpleNamespace

from celery import shared_task
from simple_history.models import HistoricalRecords

from mentorship.interfaces.import_drafts import bring_in_now, look_now, take_back_now, work_on
from mentorship.models import Import


@shared_task
def preview_import(pk: int) -> None:
    """Find out what importing this draft would change."""
    if draft := Import.objects.filter(pk=pk).first():
        work_on(draft, look_now)


@shared_task
def run_import(pk: int) -> None:
    """Import this draft, in the name of whoever uploaded it."""
    if draft := Import.objects.select_related("created_by").filter(pk=pk).first():
        # Where the history looks for who did it; in a page this is the request.
        HistoricalRecords.context.request = SimpleNamespace(user=draft.created_by)
        try:
            work_on(draft, bring_in_now)
        finally:
            del HistoricalRecords.context.request


@shared_task
def undo_import(pk: int) -> None:
    """Undo this import, if nothing was built on it."""
    if done := Import.objects.filter(pk=pk).first():
        work_on(done, take_back_now)

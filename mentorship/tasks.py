"""What the workers do about imports that are too large for a page to wait for."""

from celery import shared_task

from mentorship.domain.imports.drafts import run_draft, run_dry_run
from mentorship.domain.imports.jobs import run_undo, work_on
from mentorship.domain.jobs import acting_as
from mentorship.models import Import


@shared_task
def preview_import(pk: int) -> None:
    """Find out what importing this draft would change."""
    if draft := Import.objects.filter(pk=pk).first():
        work_on(draft, run_dry_run)


@shared_task
def run_import(pk: int) -> None:
    """Import this draft, in the name of the member who uploaded it."""
    if draft := Import.objects.select_related("created_by").filter(pk=pk).first():
        with acting_as(draft.created_by):
            work_on(draft, run_draft)


@shared_task
def undo_import(pk: int) -> None:
    """Undo this import, if nothing was built on it."""
    if done := Import.objects.filter(pk=pk).first():
        work_on(done, run_undo)

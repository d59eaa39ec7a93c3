"""What the workers do: what no page waits for, and sources that are read."""

from typing import Any

from celery import shared_task
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError

from mentorship.domain.imports.drafts import run_draft, run_dry_run
from mentorship.domain.imports.jobs import run_undo, work_on
from mentorship.domain.jobs import acting_as
from mentorship.domain.programs import accounts
from mentorship.domain.signup import requests
from mentorship.domain.sources import runs
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


@shared_task
def read_sources() -> int:
    """Read the sources that are due. Beat starts it every minute."""
    return runs.read_due()


@shared_task
def read_source(pk: int) -> bool:
    """Read one source, if it is due and nobody else does."""
    return runs.read_source(pk)


@shared_task
def email_signup_link(email: str, program: int) -> None:
    """Email a link to go on signing up for a program to this address."""
    requests.email_signup_link(email, program)


@shared_task
def email_links(email: str) -> None:
    """Email the personal links of everyone with this address."""
    requests.email_links(email)


@shared_task(bind=True, max_retries=5)
def email_password_link(task: Any, pk: int) -> None:
    """Email somebody a link to set a new password; try again for half an hour if that fails."""
    user = get_user_model().objects.filter(pk=pk, is_active=True).first()
    if user is None:
        return
    try:
        accounts.email_password_link(user)
        return
    except ValidationError:
        later = 60 * 2**task.request.retries
    # Outside, since the error names the address, and the reason of a retry is logged.
    raise task.retry(countdown=later)

"""What the workers do about proposals that are too large for a page to wait for."""

from celery import shared_task

from matching.domain.proposals.runs import work_on


@shared_task
def run_proposal(pk: int) -> None:
    """Make the proposal of this run."""
    work_on(pk)

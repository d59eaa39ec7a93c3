"""What the workers do about whole programs."""

from celery import shared_task

from committee.domain import retention


@shared_task
def keep_promises() -> int:
    """Remind chairs of the day until which data is kept, and keep it. Beat starts it each hour."""
    return retention.keep_promises()

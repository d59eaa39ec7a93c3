from notifications.models.bounce import Bounce, ReadMailbox
from notifications.models.email import TEST, EmailBatch, EmailLog
from notifications.models.schedule import AUTOMATIC, Anchor, Schedule, ScheduleRun
from notifications.models.template import EmailTemplate, Kind

__all__ = [
    "AUTOMATIC",
    "TEST",
    "Anchor",
    "Bounce",
    "EmailBatch",
    "EmailLog",
    "EmailTemplate",
    "Kind",
    "ReadMailbox",
    "Schedule",
    "ScheduleRun",
]

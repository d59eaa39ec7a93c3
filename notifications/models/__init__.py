from notifications.models.bounce import Bounce, ReadMailbox
from notifications.models.email import EmailBatch, EmailLog
from notifications.models.schedule import AUTOMATIC, Anchor, Schedule, ScheduleRun
from notifications.models.template import EmailTemplate, Kind

__all__ = [
    "AUTOMATIC",
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

from notifications.models.bounce import Bounce, ReadMailbox
from notifications.models.bounce_kinds import BOUNCED_KINDS, BounceKind
from notifications.models.email import RETENTION, TEST, TO_COMMITTEE, EmailBatch, EmailLog
from notifications.models.rematch import Rematch
from notifications.models.reply import EmailReply
from notifications.models.schedule import AUTOMATIC, Anchor, Schedule, ScheduleRun
from notifications.models.template import MATCH_KINDS, PAIR_KINDS, EmailTemplate, Kind

__all__ = [
    "AUTOMATIC",
    "BOUNCED_KINDS",
    "MATCH_KINDS",
    "PAIR_KINDS",
    "RETENTION",
    "TEST",
    "TO_COMMITTEE",
    "Anchor",
    "Bounce",
    "BounceKind",
    "EmailBatch",
    "EmailLog",
    "EmailReply",
    "EmailTemplate",
    "Kind",
    "ReadMailbox",
    "Rematch",
    "Schedule",
    "ScheduleRun",
]

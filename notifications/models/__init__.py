from notifications.models.email import EmailBatch, EmailLog
from notifications.models.template import EmailTemplate, Kind

__all__ = ["EmailBatch", "EmailLog", "EmailTemplate", "Kind"]

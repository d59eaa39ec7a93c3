"""What the people list says of somebody's emails."""

from django.db.models import Q

from mentorship.interfaces.people_states import State, register
from notifications.models import EmailLog


def _invited() -> Q:
    return Q(pk__in=EmailLog.objects.invitations().values("people"))


register(State("invited", "invited", _invited))

"""What the people list says of somebody's mails."""

from django.db.models import Q

from mentorship.interfaces.people_states import State, register
from notifications.domain.numbers import invitations

register(State("invited", "invited", lambda: Q(pk__in=invitations().values("people"))))

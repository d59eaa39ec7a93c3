"""What the people list says about a person's match."""

from django.db.models import Q

from matching.models import Match
from mentorship.interfaces.people_states import State, register


def _matched() -> Q:
    live = Match.objects.live()
    return Q(pk__in=live.values("mentor")) | Q(pk__in=live.values("mentee"))


register(State("matched", "matched", _matched, "success"))

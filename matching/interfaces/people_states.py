"""What the people list says about a person's match."""

from __future__ import annotations

from functools import partial

from django.db.models import Q

from matching.models import Match
from mentorship.interfaces.people_states import State, register


def _in_a_match(status: Match.Status) -> Q:
    rows = Match.objects.filter(status=status)
    return Q(pk__in=rows.values("mentor")) | Q(pk__in=rows.values("mentee"))


# Nobody is told of a draft.
register(State("drafted", "match drafted", partial(_in_a_match, Match.Status.DRAFT)))
register(State("matched", "matched", partial(_in_a_match, Match.Status.ANNOUNCED), "success"))

"""The calendar file of the hour on which two matched people agreed."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from matching.models import Match, Meeting
from mentorship.interfaces.personal.access import personal
from mentorship.interfaces.personal.phases import show_phase
from mentorship.models import Participant
from notifications.domain.content.calendar_entry import FILE_NAME, hour_calendar


@personal
@require_safe
def meeting_file(request: HttpRequest, person: Participant, pk: int) -> HttpResponse:
    """Return the agreed hour for a calendar, or what takes it out again once it is canceled."""
    mine = Match.objects.of_person(person).filter(announced_at__isnull=False)
    rows = Meeting.objects.filter(match__in=mine, match=pk, accepted_at__isnull=False)
    meeting = rows.select_related("match__mentor", "match__mentee", "match__program").first()
    if meeting is None:
        response = show_phase(request, person)
        response.status_code = 404
        return response
    return HttpResponse(
        hour_calendar(meeting, timezone.now()),
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{FILE_NAME}"'},
    )

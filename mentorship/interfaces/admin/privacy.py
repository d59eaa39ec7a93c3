"""The data log: what the members of a committee did with people's data, for its chairs."""

from __future__ import annotations

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import display

from mentorship.interfaces.admin.base import ProgramAdmin
from mentorship.models import DataAccess


@admin.register(DataAccess)
class DataAccessAdmin(ProgramAdmin):
    """Read by chairs, changed by nobody."""

    chairs_only = True
    may_add = may_change = False
    list_display = ["when", "who", "what", "shown_which", "person"]
    list_filter = [("what", ChoicesDropdownFilter)]
    list_filter_submit = True
    list_select_related = ["program", "user"]
    search_fields = ["user__username", "which"]
    fields = readonly_fields = ["when", "who", "what", "shown_which", "person"]

    @display(description="when", ordering="at")
    def when(self, entry: DataAccess) -> str:
        formats = entry.program.formats
        if entry.what == DataAccess.What.READ:
            # It is noted once a day.
            return formats.date(entry.program.local(entry.at).date())
        return formats.day_and_time(entry.at)

    @display(description="who", ordering="user__username")
    def who(self, entry: DataAccess) -> str:
        return str(entry.user) if entry.user else "no account (a command, or by itself)"

    @display(description="of", ordering="which")
    def shown_which(self, entry: DataAccess) -> str:
        return entry.which if entry.number is None else f"{entry.which} ({entry.number})"

    @display(description="person")
    def person(self, entry: DataAccess) -> SafeString | str:
        if entry.about is None:
            return ""
        path = reverse("admin:mentorship_participant_change", args=[entry.about])
        return format_html('<a class="cm-link" href="{}">Person {}</a>', path, entry.about)

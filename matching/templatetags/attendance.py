"""How somebody attends, beside their name on the board."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from matching.domain.board.roster import BoardPerson

register = template.Library()


@register.filter
def attendance(person: BoardPerson) -> SafeString:
    """Return an icon and words for how this person attends, and their sector."""
    words = "virtual" if person.is_virtual else "in person"
    return format_html(
        '<span class="cm-word mb-where"><span class="material-symbols-outlined" '
        'aria-hidden="true">{}</span> {}{}</span>',
        "videocam" if person.is_virtual else "person_pin_circle",
        words if person.attendance else "attendance unknown",
        f" · {person.sector}" if person.sector else "",
    )

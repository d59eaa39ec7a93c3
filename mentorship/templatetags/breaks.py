"""Where a long word may break."""

from __future__ import annotations

from django import template
from django.utils.html import format_html_join
from django.utils.safestring import SafeString, mark_safe

register = template.Library()


@register.filter
def breakable(text: object) -> SafeString:
    """Return a name such as Meteorology/Geology as HTML that may break after its strokes."""
    return format_html_join(mark_safe("/<wbr>"), "{}", [(part,) for part in str(text).split("/")])

"""The link from each page of the committee to the section of the guide that is about it."""

from __future__ import annotations

from django import template
from django.http import HttpRequest
from django.urls import reverse

from committee.interfaces.guide.sections import section_of

register = template.Library()


@register.simple_tag
def help_address(request: HttpRequest) -> str:
    """Return the address of the guide's section about the page that is asked for."""
    match = getattr(request, "resolver_match", None)
    anchor = section_of(match.view_name) if match else ""
    return reverse("guide") + (f"#{anchor}" if anchor else "")

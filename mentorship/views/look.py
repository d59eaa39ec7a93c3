"""A program's color and logo, as files that public pages refer to."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from mentorship.models import Logo
from mentorship.models.colors import for_the_dark, validate_color

_FOREVER = cache_control(public=True, max_age=31_536_000, immutable=True)


@require_safe
@_FOREVER
def color(request: HttpRequest, digits: str) -> HttpResponse:
    """Return the style sheet that shows links and buttons in this color."""
    chosen = f"#{digits}"
    try:
        validate_color(chosen)
    except ValidationError:
        raise Http404("This is not a color that can be read.") from None
    rule = f":root {{ --brand: {chosen}; --brand-dark: {for_the_dark(chosen)}; }}\n"
    return HttpResponse(rule, content_type="text/css; charset=utf-8")


@require_safe
@_FOREVER
def logo(request: HttpRequest, digest: str) -> HttpResponse:
    """Return a logo; its address is known to those who see it."""
    found = get_object_or_404(Logo.objects.order_by("pk").filter(digest=digest)[:1])
    return HttpResponse(bytes(found.image), content_type="image/png")

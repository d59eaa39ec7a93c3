"""What a ticket shop calls when something changed in it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from mentorship.domain.sources.runs import read_after_change
from mentorship.models import ImportSource


@csrf_exempt
@require_POST
def pretix_hook(request: HttpRequest, key: str) -> HttpResponse:
    """Take note that something changed in a shop; what it was, its API is asked."""
    if settings.SECURE_SSL_REDIRECT and not request.is_secure():
        return HttpResponse("Use https.\n", content_type="text/plain", status=403)
    sources = ImportSource.objects.light().filter(kind=ImportSource.Kind.PRETIX)
    read_after_change(get_object_or_404(sources, hook_key=key))
    return HttpResponse(status=204)

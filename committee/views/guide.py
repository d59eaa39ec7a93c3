"""The committee's guide inside the product."""

from __future__ import annotations

from typing import Any, cast

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from committee.interfaces.guide.pages import GUIDE, PAGES, address_of, read_page
from committee.interfaces.guide.sections import pages_of_sections
from mentorship.interfaces.pages import committee_page
from mentorship.interfaces.requests import SiteRequest, signed_in_view


@signed_in_view
@require_safe
def show_guide(request: SiteRequest, page: str = GUIDE) -> HttpResponse:
    """Show the guide, or one of the pages it leads to; also to members of no program yet."""
    if page not in PAGES:
        raise Http404
    guide = read_page(page)
    response = committee_page(
        request,
        "committee/guide/page.html",
        guide.title,
        guide=guide,
        others=[(read_page(name).title, address_of(name)) for name in PAGES if name != page],
    )
    # The frame has counted already what waits behind each entry of its sidebar.
    context = cast(dict[str, Any], response.context_data)
    items = [item for group in context["sidebar_navigation"] for item in group["items"]]
    pages = pages_of_sections(items) if page == GUIDE else {}
    context["sections"] = [(section, pages.get(section.anchor, [])) for section in guide.sections]
    return response

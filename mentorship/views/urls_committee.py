"""Addresses under committee/ that belong to people and programs."""

from django.contrib import admin
from django.urls import path

from mentorship.views.decisions import decide_on_person, switch_program
from mentorship.views.imports import confirm_import, show_import
from mentorship.views.research import download_research_sheet, show_research

urlpatterns = [
    path(
        "people/<int:pk>/decide/",
        admin.site.admin_view(decide_on_person),
        name="decide_on_person",
    ),
    *(
        path(f"people/{route}/", admin.site.admin_view(view), {"kind": kind}, name=name)
        for kind in ("signups", "responses", "research")
        for route, view, name in (
            (f"import-{kind}", show_import, f"import_{kind}"),
            (f"import-{kind}/confirm", confirm_import, f"confirm_{kind}"),
        )
    ),
    path("people/research/", admin.site.admin_view(show_research), name="research_sheet"),
    path(
        "people/research/sheet/",
        admin.site.admin_view(download_research_sheet),
        name="download_research_sheet",
    ),
    path("look-at/<slug:slug>/", admin.site.admin_view(switch_program), name="switch_program"),
]

"""Addresses under committee/ that belong to people and programs."""

from django.contrib import admin
from django.urls import path

from mentorship.views.decisions import decide_on_person, switch_program
from mentorship.views.imports import confirm_import, show_import

urlpatterns = [
    path(
        "people/<int:pk>/decide/",
        admin.site.admin_view(decide_on_person),
        name="decide_on_person",
    ),
    *(
        path(f"people/{route}/", admin.site.admin_view(view), {"kind": kind}, name=name)
        for kind in ("signups", "responses")
        for route, view, name in (
            (f"import-{kind}", show_import, f"import_{kind}"),
            (f"import-{kind}/confirm", confirm_import, f"confirm_{kind}"),
        )
    ),
    path("look-at/<slug:slug>/", admin.site.admin_view(switch_program), name="switch_program"),
]

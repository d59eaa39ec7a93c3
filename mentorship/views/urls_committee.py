"""Addresses under committee/ that belong to people and programs."""

from django.urls import path

from mentorship.views import imports
from mentorship.views.accounts import entering, own_account
from mentorship.views.copying import show_copy
from mentorship.views.decisions import decide_on_person, download_data, switch_program
from mentorship.views.research import (
    download_research_sheet,
    research_next,
    research_person,
    show_research,
)
from mentorship.views.sources import pages as sources

urlpatterns = [
    path("first-chair/<slug:token>/", entering.first_chair, name="first_chair"),
    path("password/", entering.forgotten, name="forgotten_password"),
    path("password/<str:key>/<str:token>/", entering.set_password, name="set_password"),
    path("account/", own_account.own_account, name="own_account"),
    path("account/sessions/", own_account.end_session, name="end_session"),
    path("account/app/", own_account.set_up_app, name="set_up_app"),
    path("account/app/change/", own_account.change_app, name="change_app"),
    path("account/confirm/", own_account.confirm_password, name="confirm_password"),
    path("account/code/", own_account.second_step, name="second_step"),
    path("people/<int:pk>/decide/", decide_on_person, name="decide_on_person"),
    *(
        path(
            f"people/import-{kind}/",
            imports.show_import,
            {"kind": kind},
            name=f"import_{kind}",
        )
        for kind in imports.WORDS
    ),
    *(
        path(f"people/imports/<int:pk>/{route}", view, name=name)
        for route, view, name in (
            ("", imports.show_draft, "import_draft"),
            ("answers", imports.answer, "import_answers"),
            ("progress", imports.show_progress, "import_progress"),
            ("confirm", imports.confirm_import, "confirm_import"),
            ("undo", imports.undo, "undo_import"),
            ("decide", imports.settle_signup, "decide_signup"),
            ("attach", imports.attach, "attach_answers"),
        )
    ),
    path("sources/", sources.show_sources, name="sources"),
    path("sources/connect/<slug:kind>/", sources.connect_source, name="connect_source"),
    *(
        path(f"sources/<int:pk>/{route}", view, name=name)
        for route, view, name in (
            ("", sources.show_source, "source"),
            ("change", sources.change_source, "change_source"),
            ("question", sources.choose_question, "source_question"),
            ("reading", sources.show_reading, "source_reading"),
            ("act", sources.act_on_source, "act_on_source"),
        )
    ),
    path("people/research/", show_research, name="research_sheet"),
    path("people/research/next/", research_next, name="research_next"),
    path("people/research/<int:pk>/", research_person, name="research_person"),
    path(
        "people/research/sheet/",
        download_research_sheet,
        name="download_research_sheet",
    ),
    path("people/<int:pk>/data.json", download_data, name="download_person_data"),
    path("program/<slug:slug>/copy/", show_copy, name="copy_program"),
    path("look-at/<slug:slug>/", switch_program, name="switch_program"),
]

"""Which section of the guide helps on which page of the committee."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.urls import resolve

# Anchor of a section in docs/committee.md, to the names of the pages that it is about. A name such
# as "admin:matching_match" stands for all pages of that list and its rows.
SECTIONS: dict[str, tuple[str, ...]] = {
    "sign-in": (
        "guide",
        "guide_page",
        "switch_program",
        "admin:app_list",
        "admin:search",
        "admin:autocomplete",
        "admin:jsi18n",
        "admin:login",
        "admin:logout",
        "admin:password_change",
        "admin:password_change_done",
        "first_chair",
        "forgotten_password",
        "set_password",
        "own_account",
        "end_session",
        "set_up_app",
        "change_app",
        "second_step",
        "confirm_password",
        "admin:auth_user",
        "admin:axes_accessattempt",
    ),
    "the-dashboard": ("dashboard", "admin:index", "settle_decision"),
    "places-and-mentees": ("mentors_needed",),
    "the-program": ("admin:mentorship_program",),
    "fields-and-sectors": ("admin:mentorship_field", "admin:mentorship_sector"),
    "your-own-questions": ("admin:mentorship_question",),
    "the-committee": ("admin:mentorship_membership",),
    "email-templates": ("mail_texts", "mail_text", "mail_text_preview", "test_mail_text"),
    "email-schedule": (
        "mail_calendar",
        "mail_schedule",
        "mail_schedule_preview",
        "pause_schedule",
        "pause_all_schedules",
        "skip_day",
    ),
    "import-an-export": ("import_signups",),
    "sign-ups-that-come-by-themselves": (
        "sources",
        "source",
        "connect_source",
        "change_source",
        "source_reading",
        "act_on_source",
    ),
    "connect-pretix": ("source_question",),
    "what-the-words-mean": ("admin:mentorship_valuemeaning",),
    "before-you-save": (
        "import_draft",
        "import_answers",
        "import_progress",
        "confirm_import",
        "decide_signup",
        "attach_answers",
    ),
    "undo-an-import": ("admin:mentorship_import", "undo_import"),
    "send-the-survey": ("send_survey",),
    "reminders": ("send_reminder",),
    "responses": ("admin:mentorship_surveyresponse",),
    "responses-from-another-form": ("import_responses",),
    "unclear-roles": ("send_role",),
    "one-person-after-another": ("research_sheet", "research_next", "research_person"),
    "on-a-sheet": ("import_research", "download_research_sheet"),
    "people": ("admin:mentorship_participant", "decide_on_person", "download_person_data"),
    "who-must-not-be-matched": ("admin:matching_keepapart", "wishes", "settle_wish"),
    "flexible-roles": ("flexible_roles", "use_roles"),
    "matching-criteria": ("what_counts", "try_criteria"),
    "propose-matches": (
        "propose_matches",
        "proposal_run",
        "proposal_progress",
        "cancel_proposal",
        "repeat_proposal",
        "admin:matching_proposal",
    ),
    "why-somebody-is-unmatched": ("why_left", "priority_costs", "what_if"),
    "the-matching-board": (
        "matching_board",
        "next_mentors",
        "move_mentee",
        "lock_or_unlock",
        "act_on_match",
        "swap_mentees",
        "board_rows",
        "board_panel",
        "board_changes",
        "drop_consequences",
        "admin:matching_match",
    ),
    "undo-and-history": ("board_history", "undo_step", "redo_step"),
    "compare-proposals": ("compare_proposals", "apply_proposal"),
    "the-two-sheets": ("download_sheets", "bring_back_sheets", "confirm_sheets"),
    "check-two-sheets": ("check_two_sheets",),
    "ask-mentors-first": ("send_ask_mentor", "send_ask_mentor_again", "announce_anyway"),
    "send-emails": ("send_mail", "mail_batch", "take_batch_back"),
    "announce-the-matches": ("send_match",),
    "unmatched-people": ("send_unmatched_mentor", "send_unmatched_mentee"),
    "the-outbox": ("admin:notifications_emaillog", "resend_mail", "decide_on_mail"),
    "after-a-restore": ("after_restore",),
    "bounced-emails": ("decide_on_bounce",),
    "help-requests": (
        "admin:matching_concern",
        "help_request",
        "handle_request",
        "send_problem_received",
    ),
    "rematches": ("rematch", "send_match_changed"),
    "check-in": ("send_check_in",),
    "step-7-feedback": ("admin:matching_feedback", "send_feedback"),
    "the-report": ("report", "report_csv"),
    "for-the-host": ("host",),
    "lists-as-files": (),
    "next-year": ("copy_program",),
    "earlier-pairs": ("past_pairs",),
    "delete-somebodys-data": ("erase_person",),
    "the-data-log": ("admin:mentorship_dataaccess",),
    "when-nothing-is-needed-any-more": ("anonymise_program",),
}
_SECTION_OF = {name: anchor for anchor, names in SECTIONS.items() for name in names}


def section_of(view_name: str) -> str:
    """Return the anchor of the section that helps on the page of this name; "" for no name."""
    if view_name.endswith("_export") and view_name.startswith("admin:"):
        return "lists-as-files"
    model = "_".join(view_name.split("_")[:2])
    return _SECTION_OF.get(view_name) or _SECTION_OF.get(model, "")


def pages_of_sections(items: Iterable[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """Return the sidebar's entries by the section of the guide that is about their page."""
    found: dict[str, list[dict[str, Any]]] = {}
    for item in items:
        anchor = section_of(resolve(item["link"].partition("?")[0]).view_name)
        found.setdefault(anchor, []).append(item)
    return found

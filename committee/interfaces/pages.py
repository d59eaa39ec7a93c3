"""Where the committee's pages are: one list for sidebar and dashboard."""

from __future__ import annotations

from django.urls import NoReverseMatch, reverse

_PEOPLE = "admin:mentorship_participant_changelist"
_ANSWERS = "admin:mentorship_surveyresponse_changelist"
_MAIL = "admin:notifications_emaillog_changelist"

# Name of the page, to the name of its address and what is chosen there.
PAGES = {
    "dashboard": ("admin:index", ""),
    "people": (_PEOPLE, ""),
    "research": ("research_sheet", ""),
    "roles_in_doubt": (_PEOPLE, "role=doubt"),
    "missing": (_PEOPLE, "part=missing"),
    "answers": (_ANSWERS, ""),
    "doubtful_answers": (_ANSWERS, "doubts=yes"),
    "matches": ("admin:matching_match_changelist", ""),
    "board": ("matching_board", ""),
    "propose": ("propose_matches", ""),
    "check_sheets": ("check_two_sheets", ""),
    "ask_mentors": ("send_ask_mentor", ""),
    "announce": ("send_match", ""),
    "what_counts": ("what_counts", ""),
    "proposals": ("admin:matching_proposal_changelist", ""),
    "wishes": ("wishes", ""),
    "keep_apart": ("admin:matching_keepapart_changelist", ""),
    "problems": ("admin:matching_concern_changelist", ""),
    "feedback": ("admin:matching_feedback_changelist", ""),
    "bounced": (_PEOPLE, "part=bounced"),
    "mail": (_MAIL, ""),
    "came_back_mail": (_MAIL, "view=back"),
    "queued_mail": (_MAIL, "view=queued"),
    "failed_mail": (_MAIL, "view=failed"),
    "uncertain_mail": (_MAIL, "view=uncertain"),
    "send_survey": ("send_survey", ""),
    "send_reminder": ("send_reminder", ""),
    "send_feedback": ("send_feedback", ""),
    "send_unmatched_mentor": ("send_unmatched_mentor", ""),
    "send_unmatched_mentee": ("send_unmatched_mentee", ""),
    "mail_calendar": ("mail_calendar", ""),
    "mail_texts": ("mail_texts", ""),
    "questions": ("admin:mentorship_question_changelist", ""),
    "fields": ("admin:mentorship_field_changelist", ""),
    "sectors": ("admin:mentorship_sector_changelist", ""),
    "committee": ("admin:mentorship_membership_changelist", ""),
    "programs": ("admin:mentorship_program_changelist", ""),
    "import_signups": ("import_signups", ""),
    "remembered_words": ("admin:mentorship_valuemeaning_changelist", ""),
    "report": ("report", ""),
    "data_log": ("admin:mentorship_dataaccess_changelist", ""),
    "host": ("host", ""),
    "sources": ("sources", ""),
    "imports": ("admin:mentorship_import_changelist", ""),
}


def link_to(page: str) -> str:
    """Return the path of a page named in PAGES; "" while there is none, and for no name."""
    if not page:
        return ""
    name, query = PAGES[page]
    try:
        path = reverse(name)
    except NoReverseMatch:
        return ""
    return f"{path}?{query}" if query else path

"""The URLs of matching, below committee/."""

from django.contrib import admin
from django.urls import path

from matching.views import board, criteria, past_pairs, propose, sheets, why

urlpatterns = [
    path("board/", admin.site.admin_view(board.show_board), name="matching_board"),
    path("board/propose/", admin.site.admin_view(propose.propose_matches), name="propose_matches"),
    path("board/next/", admin.site.admin_view(board.show_alternatives), name="next_mentors"),
    path("board/why/", admin.site.admin_view(why.show_why_left), name="why_left"),
    path("board/costs/", admin.site.admin_view(why.show_trade_offs), name="priority_costs"),
    path("board/what-if/", admin.site.admin_view(why.show_what_if), name="what_if"),
    path("what-counts/", admin.site.admin_view(criteria.edit_criteria), name="what_counts"),
    path("what-counts/try/", admin.site.admin_view(criteria.show_trial), name="try_criteria"),
    path("board/move/", admin.site.admin_view(board.move_mentee), name="move_mentee"),
    path("board/lock/", admin.site.admin_view(board.lock_or_unlock), name="lock_or_unlock"),
    path("board/act/", admin.site.admin_view(board.act_on_match), name="act_on_match"),
    path("earlier-pairs/", admin.site.admin_view(past_pairs.add_past_pairs), name="past_pairs"),
    path("sheets/", admin.site.admin_view(sheets.download_sheets), name="download_sheets"),
    path("sheets/back/", admin.site.admin_view(sheets.upload_sheets), name="bring_back_sheets"),
    path("sheets/confirm/", admin.site.admin_view(sheets.confirm_sheets), name="confirm_sheets"),
    path("sheets/check/", admin.site.admin_view(sheets.check_two_sheets), name="check_two_sheets"),
]

"""The URLs of matching, below committee/."""

from django.urls import path

from matching.views import (
    board,
    criteria,
    mentor_answers,
    moves,
    past_pairs,
    propose,
    roles,
    sheets,
    why,
    wishes,
)

urlpatterns = [
    path("board/", board.show_board, name="matching_board"),
    path("board/propose/", propose.propose_matches, name="propose_matches"),
    path("board/next/", board.show_alternatives, name="next_mentors"),
    path("board/why/", why.show_why_left, name="why_left"),
    path("board/costs/", why.show_trade_offs, name="priority_costs"),
    path("board/what-if/", why.show_what_if, name="what_if"),
    path("what-counts/", criteria.edit_criteria, name="what_counts"),
    path("what-counts/try/", criteria.show_trial, name="try_criteria"),
    path("board/move/", moves.move_mentee, name="move_mentee"),
    path("board/lock/", moves.lock_or_unlock, name="lock_or_unlock"),
    path("board/act/", moves.act_on_match, name="act_on_match"),
    path("board/swap/", moves.swap_mentees, name="swap_mentees"),
    path("board/undo/", moves.undo_step, name="undo_step"),
    path("board/redo/", moves.redo_step, name="redo_step"),
    path("board/rows/", board.show_rows, name="board_rows"),
    path("board/panel/", board.show_panel, name="board_panel"),
    path("board/changes/", board.show_changes, name="board_changes"),
    path("board/consequences/", board.show_consequences, name="drop_consequences"),
    path("board/history/", board.show_history, name="board_history"),
    path("roles/", roles.show_roles, name="flexible_roles"),
    path("roles/use/", roles.use_roles, name="use_roles"),
    path("board/announce-anyway/<int:pk>/", mentor_answers.announce_anyway, name="announce_anyway"),
    path("wishes/", wishes.show_wishes, name="wishes"),
    path("wishes/settle/", wishes.settle, name="settle_wish"),
    path("earlier-pairs/", past_pairs.add_past_pairs, name="past_pairs"),
    path("sheets/", sheets.download_sheets, name="download_sheets"),
    path("sheets/back/", sheets.upload_sheets, name="bring_back_sheets"),
    path("sheets/confirm/", sheets.confirm_sheets, name="confirm_sheets"),
    path("sheets/check/", sheets.check_two_sheets, name="check_two_sheets"),
]

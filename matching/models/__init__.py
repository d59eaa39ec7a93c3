from matching.models.aftermath import Concern, Feedback
from matching.models.board_step import BoardStep
from matching.models.keep_apart import KeepApart
from matching.models.match import Match
from matching.models.past_pair import PastPair
from matching.models.proposal import Proposal
from matching.models.wish import WishDecision

__all__ = [
    "BoardStep",
    "Concern",
    "Feedback",
    "KeepApart",
    "Match",
    "PastPair",
    "Proposal",
    "WishDecision",
]

from matching.models.aftermath import AgainAs, Concern, ConcernEntry, Feedback
from matching.models.board_step import BoardStep
from matching.models.keep_apart import KeepApart
from matching.models.match import Match
from matching.models.mentor_answer import MentorAnswer
from matching.models.past_pair import PastPair
from matching.models.proposal import Proposal
from matching.models.proposal_run import ProposalRun
from matching.models.support import CheckIn, Meeting
from matching.models.wish import WishDecision

__all__ = [
    "AgainAs",
    "BoardStep",
    "CheckIn",
    "Concern",
    "ConcernEntry",
    "Feedback",
    "KeepApart",
    "Match",
    "Meeting",
    "MentorAnswer",
    "PastPair",
    "Proposal",
    "ProposalRun",
    "WishDecision",
]

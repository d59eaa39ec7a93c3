from matching.models.aftermath import Concern, Feedback
from matching.models.keep_apart import KeepApart
from matching.models.match import Match
from matching.models.past_pair import PastPair
from matching.models.proposal import Proposal

__all__ = ["Concern", "Feedback", "KeepApart", "Match", "PastPair", "Proposal"]

from mentorship.models.heartbeat import Heartbeat
from mentorship.models.importing import Import
from mentorship.models.participant import (
    DETAILS,
    WITHDRAWN,
    Attendance,
    CareerStage,
    Participant,
    Role,
    Source,
    new_link_key,
    normalise_address,
    normalise_name,
)
from mentorship.models.priorities import Priority
from mentorship.models.program import Field, Membership, Program, Sector
from mentorship.models.region import Formats, Region
from mentorship.models.survey import Question, SurveyResponse

__all__ = [
    "DETAILS",
    "WITHDRAWN",
    "Attendance",
    "CareerStage",
    "Field",
    "Formats",
    "Heartbeat",
    "Import",
    "Membership",
    "Participant",
    "Priority",
    "Program",
    "Question",
    "Region",
    "Role",
    "Sector",
    "Source",
    "SurveyResponse",
    "new_link_key",
    "normalise_address",
    "normalise_name",
]

from mentorship.models.participant import (
    Attendance,
    CareerStage,
    Participant,
    Role,
    Source,
    normalise_address,
    normalise_name,
)
from mentorship.models.program import Field, Membership, Program, Sector
from mentorship.models.survey import Question, SurveyResponse

__all__ = [
    "Attendance",
    "CareerStage",
    "Field",
    "Membership",
    "Participant",
    "Program",
    "Question",
    "Role",
    "Sector",
    "Source",
    "SurveyResponse",
    "normalise_address",
    "normalise_name",
]

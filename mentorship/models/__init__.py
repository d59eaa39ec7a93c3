from mentorship.models.address import AddressFormField, is_address, validate_address
from mentorship.models.heartbeat import Heartbeat
from mentorship.models.importing import Import, ValueMeaning
from mentorship.models.look import Logo
from mentorship.models.participant import (
    ANONYMISED_DOMAIN,
    DETAILS,
    WITHDRAWN,
    Attendance,
    CareerStage,
    OtherRole,
    Participant,
    PersonErased,
    Role,
    Source,
    anonymised_address,
    new_link_key,
    normalise_address,
    normalise_name,
)
from mentorship.models.priorities import Priority
from mentorship.models.privacy import CleanUp, DataAccess
from mentorship.models.program import Field, Membership, Program, ProgramAnonymised, Sector
from mentorship.models.recent_request import RecentRequest
from mentorship.models.region import Formats, Region
from mentorship.models.research import ResearchTurn
from mentorship.models.sources.import_source import ImportSource
from mentorship.models.sources.source_run import SourceRun
from mentorship.models.survey import Draft, Question, SurveyResponse

__all__ = [
    "ANONYMISED_DOMAIN",
    "DETAILS",
    "WITHDRAWN",
    "AddressFormField",
    "Attendance",
    "CareerStage",
    "CleanUp",
    "DataAccess",
    "Draft",
    "Field",
    "Formats",
    "Heartbeat",
    "Import",
    "ImportSource",
    "Logo",
    "Membership",
    "OtherRole",
    "Participant",
    "PersonErased",
    "Priority",
    "Program",
    "ProgramAnonymised",
    "Question",
    "RecentRequest",
    "Region",
    "ResearchTurn",
    "Role",
    "Sector",
    "Source",
    "SourceRun",
    "SurveyResponse",
    "ValueMeaning",
    "anonymised_address",
    "is_address",
    "new_link_key",
    "normalise_address",
    "normalise_name",
    "validate_address",
]

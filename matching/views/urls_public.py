"""The addresses of matched people's pages, which need no account, and when they are shown."""

from django.urls import path, register_converter

from matching.views.personal import asked, feedback, match
from mentorship.interfaces.personal.phases import Phase, register_phase
from mentorship.interfaces.personal.sections import register_section

register_phase(Phase.ASKED, asked.is_asked, asked.show_asked)
register_phase(Phase.UNMATCHED, match.is_unmatched, match.show_unmatched)
register_phase(Phase.MATCH, match.has_match, match.show_match)
register_phase(Phase.FEEDBACK, feedback.is_asked, feedback.show_feedback)
register_section("goodbye", "matching/personal/goodbye.html", match.partners_left)
register_section("thanks", "matching/personal/left.html", match.partners_told)
register_section("role", "matching/personal/role.html", match.partners_left)


class ChoiceConverter:
    """What a mentor who is asked first can answer."""

    regex = "accept|decline"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(ChoiceConverter, "mentor_choice")

urlpatterns = [
    path("p/<slug:key>/asked/", asked.asked, name="asked"),
    path("p/<slug:key>/asked/declined/", asked.declined, name="asked_declined"),
    path(
        "p/<slug:key>/asked/<int:match>/<mentor_choice:choice>/", asked.answer, name="answer_asked"
    ),
    path("p/<slug:key>/match/", match.my_match, name="my_match"),
    path("p/<slug:key>/match/<int:pk>/contact/", match.contact, name="match_contact"),
    path("p/<slug:key>/match/<int:pk>/hour/", match.hour, name="match_hour"),
    path("p/<slug:key>/match/<int:pk>/<slug:what>/", match.ask, name="match_help"),
    path("p/<slug:key>/feedback/", feedback.feedback, name="feedback"),
    path("p/<slug:key>/feedback/thanks/", feedback.thanks, name="feedback_thanks"),
]

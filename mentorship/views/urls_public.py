"""The addresses that need no account."""

from django.urls import path
from django.views.generic import TemplateView

from mentorship.domain.survey.window import Window, takes_answers, window_of
from mentorship.interfaces.personal.phases import Phase, register_phase
from mentorship.views import drafts, intake, look, reminders, role, signup
from mentorship.views.sources.hook import pretix_hook

register_phase(Phase.FORM, lambda person, today: True, intake.ask)
register_phase(
    Phase.WAITING,
    # Who has not answered is asked as long as answers are taken.
    lambda person, today: (
        not takes_answers(person.program, today)
        or (window_of(person.program, today) == Window.LATE and person.responses.exists())
    ),
    intake.show_waiting,
)
register_phase(Phase.OUT, lambda person, today: not person.takes_part, intake.show_out)
register_phase(
    Phase.OVER,
    lambda person, today: today > person.program.ends_on,
    intake.show_over,
)

urlpatterns = [
    path("", TemplateView.as_view(template_name="mentorship/public/home.html"), name="home"),
    path(
        "robots.txt",
        TemplateView.as_view(
            template_name="mentorship/public/robots.txt", content_type="text/plain; charset=utf-8"
        ),
    ),
    path("hooks/pretix/<str:key>/", pretix_hook, name="pretix_hook"),
    path("link/", signup.send_me_my_link, name="send_link"),
    path("link/sent/", signup.link_sent, name="link_sent"),
    path("sign-up/<slug:slug>/", signup.start_signup, name="signup"),
    path("sign-up/<slug:slug>/sent/", signup.signup_sent, name="signup_sent"),
    path("sign-up/confirm/<str:token>/", signup.confirm_signup, name="confirm_signup"),
    path("p/<slug:key>/", intake.home, name="intake"),
    path("p/<slug:key>/answers/", intake.answers, name="intake_form"),
    path("look/<slug:digits>.css", look.color, name="look_color"),
    path("look/<slug:digest>.png", look.logo, name="look_logo"),
    path("p/<slug:key>/privacy/", intake.privacy, name="intake_privacy"),
    path("p/<slug:key>/draft/", drafts.draft, name="intake_draft"),
    path("p/<slug:key>/role/", role.role, name="role_choice"),
    path("p/<slug:key>/thanks/", intake.thanks, name="intake_thanks"),
    path("p/<slug:key>/reminders/", reminders.reminders, name="intake_reminders"),
    path("p/<slug:key>/goodbye/", intake.goodbye, name="intake_goodbye"),
    path("p/<slug:key>/data/", intake.data, name="intake_data"),
    path("p/<slug:key>/data.json", intake.data_file, name="intake_data_file"),
]

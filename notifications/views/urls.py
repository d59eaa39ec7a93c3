"""Addresses under committee/ that belong to emails."""

from django.urls import path, register_converter

from notifications.models import Kind
from notifications.views import after_restore, bounces, resend, schedules, send, support, texts


class KindConverter:
    """A kind of email in an address."""

    regex = "|".join(Kind.values)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(KindConverter, "mailkind")


urlpatterns = [
    path("mail/send/", send.show_kinds, name="send_mail"),
    *(
        path(f"mail/send/{kind}/", send.send, {"kind": kind}, name=f"send_{kind}")
        for kind in send.SENDABLE
    ),
    path("mail/batch/<int:pk>/", send.show_batch, name="mail_batch"),
    path("mail/batch/<int:pk>/take-back/", send.take_batch_back, name="take_batch_back"),
    path("help/<int:pk>/", support.show_request, name="help_request"),
    path("help/<int:pk>/do/", support.handle_request, name="handle_request"),
    path("help/<int:pk>/rematch/", support.rematch, name="rematch"),
    path("mail/after-restore/", after_restore.show_held_outbox, name="after_restore"),
    path("mail/resend/", resend.resend_mail, name="resend_mail"),
    path("mail/<int:pk>/decide/", send.decide_on_mail, name="decide_on_mail"),
    path("mail/bounce/<int:pk>/decide/", bounces.decide_on_bounce, name="decide_on_bounce"),
    path("mail/calendar/", schedules.show_calendar, name="mail_calendar"),
    path("mail/calendar/pause-all/", schedules.pause_schedules, name="pause_all_schedules"),
    path("mail/calendar/<mailkind:kind>/", schedules.edit_schedule, name="mail_schedule"),
    path(
        "mail/calendar/<mailkind:kind>/preview/",
        schedules.preview_schedule,
        name="mail_schedule_preview",
    ),
    path("mail/calendar/<mailkind:kind>/pause/", schedules.pause_schedules, name="pause_schedule"),
    path("mail/calendar/<mailkind:kind>/skip/", schedules.skip, name="skip_day"),
    path("mail/texts/", texts.show_texts, name="mail_texts"),
    path("mail/texts/<mailkind:kind>/", texts.edit_text, name="mail_text"),
    path("mail/texts/<mailkind:kind>/test/", texts.test_text, name="test_mail_text"),
    path("mail/texts/<mailkind:kind>/preview/", texts.preview_text, name="mail_text_preview"),
]

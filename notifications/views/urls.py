"""Addresses under committee/ that belong to emails."""

from typing import Any

from django.contrib import admin
from django.urls import URLPattern, path, register_converter

from notifications.models import Kind
from notifications.views import resend, schedules, send, texts


class KindConverter:
    """A kind of email in an address."""

    regex = "|".join(Kind.values)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(KindConverter, "mailkind")


def _page(address: str, view: Any, name: str, **extra: str) -> URLPattern:
    return path(address, admin.site.admin_view(view), extra, name=name)


urlpatterns = [
    _page("mail/send/", send.show_kinds, "send_mail"),
    *(_page(f"mail/send/{kind}/", send.send, f"send_{kind}", kind=kind) for kind in send.SENDABLE),
    _page("mail/batch/<int:pk>/", send.show_batch, "mail_batch"),
    _page("mail/batch/<int:pk>/take-back/", send.take_batch_back, "take_batch_back"),
    _page("mail/resend/", resend.resend_mail, "resend_mail"),
    _page("mail/<int:pk>/decide/", send.decide_on_mail, "decide_on_mail"),
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

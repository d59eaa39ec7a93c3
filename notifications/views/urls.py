"""Addresses under committee/ that belong to mail."""

from typing import Any

from django.contrib import admin
from django.urls import URLPattern, path, register_converter

from notifications.models import Kind
from notifications.views import resend, schedules, send, texts


class KindConverter:
    """A kind of mail in an address."""

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
    _page("mail/calendar/", schedules.show_calendar, "mail_calendar"),
    _page("mail/calendar/pause-all/", schedules.pause_schedules, "pause_all_schedules"),
    _page("mail/calendar/<mailkind:kind>/", schedules.edit_schedule, "mail_schedule"),
    _page(
        "mail/calendar/<mailkind:kind>/preview/",
        schedules.preview_schedule,
        "mail_schedule_preview",
    ),
    _page("mail/calendar/<mailkind:kind>/pause/", schedules.pause_schedules, "pause_schedule"),
    _page("mail/calendar/<mailkind:kind>/skip/", schedules.skip, "skip_day"),
    _page("mail/texts/", texts.show_texts, "mail_texts"),
    _page("mail/texts/<mailkind:kind>/", texts.edit_text, "mail_text"),
    _page("mail/texts/<mailkind:kind>/test/", texts.test_text, "test_mail_text"),
    _page("mail/texts/<mailkind:kind>/preview/", texts.preview_text, "mail_text_preview"),
]

"""What a test leaves behind when it ends, or fails, in the browser: it is over before the next."""

import threading

import pytest
from django.core.signals import request_finished, request_started

from tests.browser.held import Held

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def page(contexts):
    """A page that the test gives back by itself."""
    context = contexts.take(javascript=True, touch=False, own_clock=False)
    page = context.new_page()
    page.goto("/link/")
    yield page
    contexts.give_back()


def test_a_page_that_still_waits_for_another_is_given_back(page, contexts):
    held = Held(page, "**/sign-up/none/")
    page.evaluate("location.href = '/sign-up/none/'")
    held.first()

    contexts.give_back()

    assert page.is_closed()


def test_what_the_server_is_still_answering_is_waited_for(page, contexts):
    begun, may_end, ended = threading.Event(), threading.Event(), []

    def slowly(**kwargs):
        begun.set()
        may_end.wait(60)

    def end(**kwargs):
        ended.append(1)

    request_started.connect(slowly)
    request_finished.connect(end)
    try:
        page.evaluate("void fetch('/link/')")
        assert begun.wait(60)
        threading.Timer(0.2, may_end.set).start()
        contexts.give_back()
    finally:
        request_started.disconnect(slowly)
        request_finished.disconnect(end)

    assert ended == [1]

"""What another site has a browser send: nothing that is behind a sign-in takes it."""

import pytest
from django.test import Client
from django.urls import URLResolver, get_resolver, reverse

from tests.factories import MembershipFactory

pytestmark = [pytest.mark.django_db, pytest.mark.once]


def views(resolver=None, before=""):
    """Yield the route and the view of each address."""
    for each in (resolver or get_resolver()).url_patterns:
        route = f"{before}{each.pattern}"
        if isinstance(each, URLResolver):
            yield from views(each, route)
        else:
            yield route, each.callback


def test_only_pages_without_a_sign_in_need_no_token_of_the_site():
    found = dict(views())
    free = {route for route, view in found.items() if getattr(view, "csrf_exempt", False)}

    assert len(found) > 150
    assert {route.split("/")[0] for route in free} == {"hooks", "link", "p", "sign-up"}


def test_without_a_token_nothing_is_done():
    chair = MembershipFactory(level="chair").user
    client = Client(enforce_csrf_checks=True)
    client.force_login(chair, backend="django.contrib.auth.backends.ModelBackend")

    for name in ("admin:logout", "end_session", "propose_matches", "pause_all_schedules"):
        answer = client.post(reverse(name))
        assert answer.status_code == 403, name
        assert "Please try again" in answer.content.decode()
    assert client.get(reverse("own_account")).status_code == 200

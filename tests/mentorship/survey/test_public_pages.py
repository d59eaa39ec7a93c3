"""The pages for everyone: the home page, robots, and what is shown when a step fails."""

import pytest
from django.template.loader import render_to_string

pytestmark = pytest.mark.django_db


def test_the_start_page_leads_the_committee_in(client):
    page = client.get("/").content.decode()
    assert 'href="/committee/"' in page
    assert "personal link" in page


def test_search_engines_are_kept_out(client):
    response = client.get("/robots.txt")
    assert response.content.decode() == "User-agent: *\nDisallow: /\n"
    assert response["Content-Type"] == "text/plain; charset=utf-8"


def test_an_unknown_address_is_answered_in_plain_words(client):
    response = client.get("/nothing/here")
    assert response.status_code == 404
    assert "Page not found" in response.content.decode()


@pytest.mark.parametrize(
    ("template", "heading"),
    [
        ("400.html", "That request couldn’t be read"),
        ("403.html", "You can’t see this page"),
        ("403_csrf.html", "Please try again"),
        ("404.html", "Page not found"),
        ("500.html", "Something went wrong"),
    ],
)
def test_pages_for_failures_need_nothing_to_be_shown(template, heading, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert f"<h1>{heading}</h1>" in render_to_string(template)


def test_too_many_wrong_passwords_are_answered_in_plain_words(client):
    wrong = {"username": "chair", "password": "wrong"}
    shown = [client.post("/committee/login/", wrong) for _ in range(8)]
    assert [page.status_code for page in shown] == [200] * 7 + [429]
    assert "Wait 15 minutes, then sign in again." in shown[-1].content.decode()
    assert "was wrong 8 times in a row" in shown[-1].content.decode()


def test_somebody_on_no_committee_is_told_so(client, django_user_model):
    client.force_login(django_user_model.objects.create_user("guest"))
    page = client.get("/committee/login/").content.decode()
    assert "You’re signed in, but not on a committee." in page

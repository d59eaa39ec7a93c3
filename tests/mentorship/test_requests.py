"""The way into a committee's view: sign-in, program, and what buttons and addresses send."""

import pytest
from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.auth.models import User
from django.core.exceptions import BadRequest, ValidationError
from django.http import Http404
from django.urls import reverse

from mentorship.interfaces.posted import KeyField, KeysField, LocalPathField, PostedForm
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory, UserFactory

INDEX = reverse("admin:index")
FAR_TOO_LONG = "9" * 5000


@pytest.mark.django_db
class TestCommitteeView:
    def test_asks_for_a_sign_in(self, client):
        person = ParticipantFactory()
        answer = client.get(reverse("download_person_data", args=[person.pk]))
        assert answer.status_code == 302
        assert answer.url.startswith(reverse("admin:login"))

    def test_leads_a_member_of_no_program_to_the_first_page(self, client):
        client.force_login(UserFactory())
        answer = client.get(reverse("copy_program", args=["scipy-2090"]))
        assert (answer.status_code, answer.url) == (302, INDEX)

    def test_leads_htmx_there_as_well(self, client):
        client.force_login(UserFactory())
        path = reverse("copy_program", args=["scipy-2090"])
        answer = client.get(path, headers={"HX-Request": "true"})
        assert (answer.status_code, answer.headers["HX-Redirect"]) == (200, INDEX)

    def test_asks_for_the_sign_in_first(self, client):
        answer = client.get(reverse("decide_on_person", args=[1]))
        assert answer.url.startswith(reverse("admin:login"))

    def test_looks_at_the_program_chosen_last(self, client):
        user = UserFactory()
        old, new = (
            MembershipFactory(user=user, program=ProgramFactory(starts_on=day, ends_on=day)).program
            for day in ("2089-07-10", "2090-07-10")
        )
        client.force_login(user)
        assert client.get(INDEX).wsgi_request.program == new
        client.get(reverse("switch_program", args=[old.slug]))
        assert client.get(INDEX).wsgi_request.program == old

    def test_only_members_choose_a_program(self, client):
        client.force_login(UserFactory())
        program = ProgramFactory()
        assert client.get(reverse("switch_program", args=[program.slug])).status_code == 404


class AskedForm(PostedForm):
    person = KeyField()
    people = KeysField(required=False)
    next = LocalPathField()


class TestPostedForm:
    def test_reads_keys(self):
        form = AskedForm({"person": "12", "people": "3,4", "next": "/committee/"})
        said = {"person": 12, "people": [3, 4], "next": "/committee/"}
        assert form.values_or_400() == said

    @pytest.mark.parametrize("value", [FAR_TOO_LONG, "9" * 4000, str(2**63), "-1", "x", "1\0", ""])
    def test_refuses_what_is_no_key(self, value):
        with pytest.raises(BadRequest):
            AskedForm({"person": value}).values_or_400()
        with pytest.raises(Http404):
            AskedForm({"person": value}).values_or_404()

    @pytest.mark.parametrize("value", [f"1,{FAR_TOO_LONG}", "1,x", "1,\0", "1 2", "-1"])
    def test_refuses_a_list_with_something_else_in_it(self, value):
        with pytest.raises(ValidationError):
            KeysField().clean(value)

    @pytest.mark.parametrize("value", ["", None, ","])
    def test_a_list_that_is_needed_has_a_key(self, value):
        assert KeysField(required=False).clean(value) == []
        with pytest.raises(ValidationError):
            KeysField().clean(value)

    @pytest.mark.parametrize(
        "value",
        [
            *("https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example"),
            *("javascript:alert(1)", "http://testserver/committee/", "/committee/\0", "", None),
        ],
    )
    def test_goes_nowhere_else(self, value):
        assert LocalPathField().clean(value) == ""

    def test_says_each_error_once(self):
        form = AskedForm({"person": "x", "people": "x"})
        assert form.sentence == "This is not the number of anything here."


def test_the_site_shows_only_pages_of_its_own():
    foreign = {
        model
        for model, page in admin.site._registry.items()
        if not type(page).__module__.startswith(("mentorship.", "matching.", "notifications."))
    }
    assert foreign == set()
    assert {User, AccessAttempt} <= set(admin.site._registry)

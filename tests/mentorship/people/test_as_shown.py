"""Two people save one page, or an answer comes in while somebody edits: nothing is lost."""

import datetime
import html
import re

import pytest
from django.urls import reverse

from mentorship.models import Field, Program
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def program():
    return ProgramFactory(name="Conf")


@pytest.fixture
def chair(client, program):
    user = MembershipFactory(program=program, level="chair").user
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return user


class OpenPage:
    """A form as a browser holds it: what was shown when it was opened, and what is typed."""

    def __init__(self, client, path):
        self.client, self.path = client, path
        self.take(client.get(path))

    def take(self, page):
        form = page.context["adminform"].form
        self.fields = {}
        for name in form.fields:
            value = form[name].value()
            if not isinstance(value, list):
                value = [] if value in (None, False) else [value]
            elif value and not isinstance(value[0], (int, str)):
                value = [one.pk for one in value]
            self.fields[name] = [str(one).replace("\n", "\r\n") for one in value]
        for tag in re.findall(r'<input type="hidden"[^>]*>', page.content.decode()):
            if name := re.search(r'name="(initial-\w+)"', tag):
                shown = re.search(r'value="([^"]*)"', tag)
                text = html.unescape(shown[1]).replace("\n", "\r\n") if shown else ""
                self.fields.setdefault(name[1], []).append(text)
        self.errors = dict(form.errors)

    def save(self, **typed):
        """Type and save; return what the form says is wrong."""
        self.fields |= {
            name: one if isinstance(one, list) else [one] for name, one in typed.items()
        }
        answer = self.client.post(self.path, self.fields)
        if answer.status_code == 302:
            return {}
        self.take(answer)
        return self.errors


@pytest.fixture
def open_page(client, chair):
    def open_page(row):
        name = f"admin:mentorship_{row._meta.model_name}_change"
        return OpenPage(client, reverse(name, args=[row.pk]))

    return open_page


def test_two_members_save_one_person(open_page, program):
    ada = ParticipantFactory(program=program, email="ada@old.example", notes="Two\nlines")
    slower = open_page(ada)

    assert open_page(ada).save(email="ada@new.example", capacity="0") == {}
    assert slower.save(affiliation="Elsewhere") == {}

    ada.refresh_from_db()
    assert (ada.email, ada.capacity, ada.affiliation) == ("ada@new.example", 0, "Elsewhere")
    assert ada.notes == "Two\nlines"
    assert ada.detail_sources == {"capacity": "research", "affiliation": "research"}


def test_what_was_answered_meanwhile_stays(open_page, program):
    biology = Field.objects.create(program=program, name="Biology", order=50)
    ada = ParticipantFactory(program=program, notes="", career_stage="")
    slower = open_page(ada)

    ada.fields.set([biology])
    ada.notes, ada.career_stage, ada.detail_sources = "GPUs", "senior", {"notes": "survey"}
    ada.save()
    assert slower.save(committee_notes="Wrote to us") == {}

    ada.refresh_from_db()
    assert [*ada.fields.all()] == [biology]
    assert (ada.notes, ada.career_stage, ada.committee_notes) == ("GPUs", "senior", "Wrote to us")
    assert ada.detail_sources == {"notes": "survey"}


def test_of_two_who_edit_one_field_the_slower_is_told_and_may_insist(open_page, program):
    biology = Field.objects.create(program=program, name="Biology", order=50)
    physics = Field.objects.create(program=program, name="Physics", order=51)
    ada = ParticipantFactory(program=program, notes="Old", affiliation="One", capacity=2)
    slower = open_page(ada)

    assert open_page(ada).save(notes="", fields=[biology.pk], affiliation="Two", capacity="0") == {}
    typed = {"notes": "Mine", "fields": [physics.pk], "affiliation": "Two", "capacity": "3"}
    rest = " while you were editing. Yours is still here: save again to keep yours."
    assert slower.save(**typed) == {
        "notes": [f"This was emptied{rest}"],
        "fields": [f"This was changed to “Biology”{rest}"],
        "capacity": [f"This was changed to “0”{rest}"],
    }
    ada.refresh_from_db()
    assert (ada.notes, [*ada.fields.all()], ada.capacity) == ("", [biology], 0)

    assert slower.save() == {}
    ada.refresh_from_db()
    assert (ada.notes, [*ada.fields.all()], ada.affiliation, ada.capacity) == (
        "Mine",
        [physics],
        "Two",
        3,
    )


@pytest.mark.slow
def test_two_chairs_save_the_settings(open_page, program):
    slower = open_page(program)
    announce_on = program.starts_on - datetime.timedelta(days=1)

    assert open_page(program).save(announce_on=str(announce_on), mentors_first="on") == {}
    assert slower.save(place="Tacoma", free_mail_domains="a.example\r\nb.example") == {}
    assert open_page(program).save(free_mail_domains="c.example") == {}
    problem = slower.save(free_mail_domains="d.example")

    assert [*problem] == ["free_mail_domains"]
    saved = Program.objects.get()
    assert (saved.announce_on, saved.mentors_first, saved.place, saved.free_mail_domains) == (
        announce_on,
        True,
        "Tacoma",
        ["c.example"],
    )

import datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from mentorship.domain.programs.create import FIELDS, SECTORS, create_program
from mentorship.models import Program

DAYS = {"starts_on": datetime.date(2027, 7, 12), "ends_on": datetime.date(2027, 7, 18)}


@pytest.mark.django_db
def test_new_program_has_the_usual_lists():
    program = create_program(slug="c", name="Conf", time_zone="Europe/Berlin", **DAYS)

    assert [(f.name, f.is_other) for f in program.fields.all()] == [
        *((name, False) for name in FIELDS),
        ("Other", True),
    ]
    assert [s.name for s in program.sectors.all()] == SECTORS


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"ends_on": datetime.date(2027, 7, 11)}, "The last day is before the first day."),
        (
            {"time_zone": "Mars/Olympus"},
            "“Mars/Olympus” is not a time zone. Use a name such as America/Los_Angeles.",
        ),
        (
            {"starts_on": datetime.date(27, 7, 12)},
            "The year 0027 is not one between 2000 and 2199.",
        ),
        (
            {"announce_on": datetime.date(9999, 7, 1)},
            "The year 9999 is not one between 2000 and 2199.",
        ),
        ({"slug": "taken"}, "Program with this Slug already exists."),
    ],
)
def test_refused_program_leaves_nothing_behind(wrong, sentence):
    create_program(slug="taken", name="Conf", time_zone="UTC", **DAYS)
    details = {"slug": "c", "name": "Conf", "time_zone": "UTC"} | DAYS | wrong

    with pytest.raises(ValidationError) as refused:
        create_program(**details)

    assert refused.value.messages == [sentence]
    assert Program.objects.count() == 1


@pytest.mark.django_db
def test_the_name_is_one_line():
    program = create_program(slug="c", name=" Conf\nBcc: x ", time_zone="UTC", **DAYS)
    assert program.name == "Conf Bcc: x"

    days = ("--start", "2027-07-12", "--end", "2027-07-18")
    with pytest.raises(CommandError, match=r"^name: This field cannot be blank\.$"):
        call_command("create_program", "d", "--name", "  ", *days, "--timezone", "UTC")

"""What README and docs tell people to run, to import or to look for is there and works."""

import importlib
import logging
import re
import shlex
import shutil

import pytest
from django.conf import settings
from django.core.management import call_command

from mentorship.models import Program
from tests.repository.tree import PRODUCT, ROOT

DOTTED = re.compile(rf"`((?:{'|'.join(PRODUCT)})(?:\.\w+)+)`")
PAGES = ["README.md", "CONTRIBUTING.md", *(str(p) for p in sorted((ROOT / "docs").glob("*.md")))]


def resolves(dotted):
    """Return whether a dotted name is a module, something in one, or what writes to the log."""
    if isinstance(logging.root.manager.loggerDict.get(dotted), logging.Logger):
        return True
    try:
        importlib.import_module(dotted)
    except ModuleNotFoundError:
        module, _, name = dotted.rpartition(".")
        try:
            return hasattr(importlib.import_module(module), name)
        except ModuleNotFoundError:
            return False
    return True


def test_each_dotted_name_in_the_docs_is_there():
    named = {
        (page, dotted) for page in PAGES for dotted in DOTTED.findall((ROOT / page).read_text())
    }

    assert len(named) > 20
    assert [(page, dotted) for page, dotted in sorted(named) if not resolves(dotted)] == []
    assert not resolves("mentorship.domain.nowhere")
    assert not resolves("mentorship.domain.survey.responses.nothing")


def commands_of_the_readme():
    """Return the arguments of each `python manage.py` line of the README, in order."""
    text = (ROOT / "README.md").read_text().replace("\\\n", " ")
    return [
        shlex.split(line.strip().removeprefix("python manage.py "))
        for line in text.splitlines()
        if line.strip().startswith("python manage.py ")
    ]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_readmes_commands_work_in_its_order(tmp_path, monkeypatch, smtp, capsys):
    samples = settings.BASE_DIR / "mentorship" / "demo"
    shutil.copy(samples / "signups-2027-07-01.csv", tmp_path / "signups.csv")
    shutil.copy(samples / "survey-2027.csv", tmp_path / "survey.csv")
    monkeypatch.chdir(tmp_path)
    commands = commands_of_the_readme()

    for command in commands:
        call_command(*command)
        # Otherwise the limit of emails in a minute makes the last command wait.
        Program.objects.update(mails_per_minute=0)

    assert [command[0] for command in commands] == [
        "create_program",
        "import_signups",
        "queue_mail",
        "import_responses",
        "propose_matches",
        "check_matches",
        "queue_mail",
        "send_queued",
    ]
    program = Program.objects.get()
    assert program.matches.live().exists()
    assert set(program.emails.values_list("state", flat=True)) <= {"sent", "cancelled", "queued"}
    assert len(smtp.messages) == program.emails.filter(state="sent").count() > 50

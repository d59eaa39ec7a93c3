"""The sample conference, from the ticket shop's export to proven matches."""

import json

import pytest
from django.core.management import call_command

from matching.domain.matches.changes import announce
from mentorship.models import Participant
from tests.conftest import ROOT
from tests.factories import ProgramFactory

DEMO = ROOT / "mentorship" / "demo"


@pytest.fixture
def run(db, capsys):
    """Run a command on the sample program; give what it printed."""
    program = ProgramFactory(slug="sample")

    def run(command, *arguments):
        call_command(command, *map(str, arguments), program=program.slug, json=True)
        return json.loads(capsys.readouterr().out)

    for name in ("signups-2027-06-12.csv", "signups-2027-07-01.csv"):
        run("import_signups", DEMO / name)
    run("import_responses", DEMO / "survey-2027.csv")
    return run


def test_the_sample_is_matched_best_without_colleagues_and_stays_so(run):
    first = run("propose_matches")

    assert first["status"] == "optimal"
    assert [tier["name"] for tier in first["tiers"] if tier["value"] != tier["bound"]] == []
    assert [tier["value"] for tier in first["tiers"][:5]] == [0, 0, 0, 0, 2]
    assert (first["mentors"], first["mentees"], len(first["pairs"])) == (47, 38, 38)
    assert first["unmatched_mentees"] == []

    # Recounted with nothing but the addresses and affiliations as they are.
    people = {person.email: person for person in Participant.objects.all()}
    for pair in first["pairs"]:
        mentor, mentee = people[pair["mentor"]], people[pair["mentee"]]
        domains = {".".join(p.email.split("@")[1].split(".")[-2:]) for p in (mentor, mentee)}
        assert len(domains) == 2 or domains == {"freemail.example"}
        assert not mentor.affiliation or mentor.affiliation != mentee.affiliation

    second = run("propose_matches")
    assert second | {"seconds": 0} == first | {"seconds": 0}

    found = run("check_matches")
    assert [p["kind"] for p in found["problems"] if not p.get("warning")] == []
    assert [p["kind"] for p in found["problems"]] == ["cross_field", "cross_field"]
    assert found["pairs"] == sorted([p["mentor"], p["mentee"]] for p in first["pairs"])


def test_announced_pairs_stay_when_people_drop_out_and_come(run):
    first = run("propose_matches")
    program = Participant.objects.first().program
    announce(program.matches.live())
    gone = first["pairs"][0]["mentor"]
    Participant.objects.filter(email=gone).update(withdrawn_at="2027-07-02T00:00Z")

    second = run("propose_matches")

    before = {(p["mentor"], p["mentee"]) for p in first["pairs"]}
    assert before - {(p["mentor"], p["mentee"]) for p in second["pairs"]} == {
        (gone, first["pairs"][0]["mentee"])
    }
    assert (second["status"], second["unmatched_mentees"]) == ("optimal", [])
    with pytest.raises(SystemExit):
        run("check_matches")

"""What the supply chain's own code makes of the tools' reports."""

from tests.supply import judge, licenses, locked, only, unfit, with_plain_words

LOCK = """\
django==5.2.19 \\
    --hash=sha256:aa
psycopg[binary]==3.3.9 ; python_version < '4' \\
    --hash=sha256:bb
"""


def component(name, *said):
    return {
        "name": name,
        "version": "1",
        "bom-ref": name,
        **({"licenses": list(said)} if said else {}),
    }


def test_names_that_are_locked():
    assert locked(LOCK) == {"django", "psycopg"}


def test_an_audit_that_asked_nobody_is_none():
    """The tool itself says "No known vulnerabilities found" then."""
    skipped = {"name": "a", "skip_reason": "Dependency not found"}
    clean = {"name": "b", "version": "1", "vulns": []}
    assert judge({"dependencies": [clean]}) == (
        0,
        ["None of 1 packages has a known vulnerability."],
    )
    assert judge({"dependencies": [skipped, clean]}) == (
        3,
        [
            "Not checked: nobody answered about 1 of 2 packages (1 have no known vulnerability). "
            "Try again where the network allows it."
        ],
    )
    hole = {"name": "c", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["2.1"]}]}
    assert judge({"dependencies": [hole, skipped]}) == (1, ["c 2: CVE-1, fixed in 2.1"])


def test_a_bill_of_materials_has_what_a_server_gets_and_no_test_tools():
    bom = {
        "components": [component("Django"), component("pytest")],
        "dependencies": [
            {"ref": "root", "dependsOn": ["Django", "pytest"]},
            {"ref": "pytest"},
            {"ref": "Django"},
        ],
        "metadata": {"component": {"bom-ref": "root"}},
    }
    found = only(bom, {"django"})
    assert [each["name"] for each in found["components"]] == ["Django"]
    assert found["dependencies"] == [{"ref": "root", "dependsOn": ["Django"]}, {"ref": "Django"}]


def test_licenses_are_listed_and_those_that_do_not_fit_are_named():
    bom = {
        "components": [
            component("a", {"license": {"id": "MIT"}}, {"license": {"name": "License :: MIT"}}),
            component("b", {"license": {"id": "LGPL-3.0-only"}}),
            component("c", {"expression": "GPL-2.0-only"}),
            component("d", {"expression": "GPL-2.0-only OR MIT"}),
            component("e", {"license": {"name": "AGPLv3"}}),
            component("f"),
            component("g"),
        ]
    }
    words = {"g": "Words of its own\nand more"}
    rows = list(licenses(with_plain_words(bom, lambda name: words.get(name, ""))))
    assert [said for *_, said in rows] == [
        "MIT", "LGPL-3.0-only", "GPL-2.0-only", "GPL-2.0-only OR MIT", "AGPLv3", "",
        "Words of its own",
    ]  # fmt: skip
    assert unfit(rows) == [
        "c 1 has the license GPL-2.0-only.",
        "e 1 has the license AGPLv3.",
        "f 1 says no license.",
    ]

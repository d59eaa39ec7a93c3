"""What the application is made of: known vulnerabilities, the bill of materials, licenses.

`make audit` and `make sbom` run it with tools that have a virtual environment of their own. Both
are about the packages of requirements/run.lock, which is what a server gets.
"""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Collection, Iterator
from importlib.metadata import metadata
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements" / "run.lock"
TOOLS = ROOT / ".venv" / "audit" / "bin"
BUILD = ROOT / "build"
# What may not go into an application under a BSD license; the LGPL may, as a library.
_COPYLEFT = re.compile(r"(?<!L)A?GPL|GNU (Affero )?General", re.IGNORECASE)
_NOT_CHECKED = 3


def locked(text: str) -> set[str]:
    """Return the names of the packages that a lock file pins, as package indexes compare them."""
    pinned = re.findall(r"^([A-Za-z0-9._-]+)(?:\[.*\])?==", text, re.MULTILINE)
    return {plain(name) for name in pinned}


def plain(name: str) -> str:
    """Return a package's name in the form in which names are compared (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def judge(report: dict[str, Any]) -> tuple[int, list[str]]:
    """Return the exit status and the lines that say what pip-audit's report means.

    It calls "no known vulnerabilities" also what it could not ask about.
    """
    packages = report["dependencies"]
    skipped = [each["name"] for each in packages if "skip_reason" in each]
    holes = [
        f"{each['name']} {each['version']}: {hole['id']}, fixed in "
        + (", ".join(hole["fix_versions"]) or "no version yet")
        for each in packages
        for hole in each.get("vulns", [])
    ]
    if holes:
        return 1, holes
    if skipped:
        asked = len(packages) - len(skipped)
        return _NOT_CHECKED, [
            f"Not checked: nobody answered about {len(skipped)} of {len(packages)} packages "
            f"({asked} have no known vulnerability). Try again where the network allows it."
        ]
    return 0, [f"None of {len(packages)} packages has a known vulnerability."]


def only(bom: dict[str, Any], names: Collection[str]) -> dict[str, Any]:
    """Return a bill of materials with no other components than these packages."""
    kept = [each for each in bom["components"] if plain(each["name"]) in names]
    refs = {each["bom-ref"] for each in kept} | {bom["metadata"]["component"]["bom-ref"]}
    depends = [
        {
            key: [ref for ref in value if ref in refs] if key == "dependsOn" else value
            for key, value in each.items()
        }
        for each in bom["dependencies"]
        if each["ref"] in refs
    ]
    return bom | {"components": kept, "dependencies": depends}


def with_plain_words(bom: dict[str, Any], said: Callable[[str], str]) -> dict[str, Any]:
    """Return a bill of materials in which licenses that are only said in words stand, too.

    The tool takes identifiers and classifiers alone. `said(name)` gives the words, "" for none.
    """
    for each in bom["components"]:
        if "licenses" not in each and (words := said(each["name"]).strip()):
            name = words.splitlines()[0][:80]
            each["licenses"] = [{"license": {"name": name, "acknowledgement": "declared"}}]
    return bom


def licenses(bom: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Yield name, version and license of each component; the license is "" where none is said."""
    for each in bom["components"]:
        said = [
            row.get("expression") or row["license"].get("id") or row["license"].get("name", "")
            for row in each.get("licenses", [])
        ]
        # A classifier repeats what an identifier says.
        best = [one for one in said if not one.startswith("License ::")] or said
        yield each["name"], each["version"], " OR ".join(dict.fromkeys(best))


def unfit(rows: Collection[tuple[str, str, str]]) -> list[str]:
    """Return in sentences which licenses do not fit, or are missing."""
    return [
        f"{name} {version} {f'has the license {said}' if said else 'says no license'}."
        for name, version, said in rows
        if not said or all(_COPYLEFT.search(part) for part in said.split(" OR "))
    ]


def audit() -> int:
    """Ask about each locked package, and say what came of it; no answer fails in CI only."""
    command = ["-r", str(LOCK), "--require-hashes", "--disable-pip", "--format", "json"]
    done = subprocess.run([TOOLS / "pip-audit", *command], capture_output=True, text=True)
    try:
        status, lines = judge(json.loads(done.stdout))
    except ValueError:
        why = done.stderr.strip().splitlines()[-1:] or ["it said nothing"]
        status, lines = _NOT_CHECKED, [f"Not checked: pip-audit did not get through ({why[0]})."]
    print(*lines, sep="\n")
    return 0 if status == _NOT_CHECKED and not os.environ.get("CI") else status


def sbom() -> int:
    """Write build/sbom.cdx.json and build/licenses.csv; fail if a license does not fit."""
    BUILD.mkdir(exist_ok=True)
    made = BUILD / "sbom.cdx.json"
    options = ["--pyproject", "pyproject.toml", "--mc-type", "application", "--output-reproducible"]
    options += ["--spec-version", "1.6", "--output-format", "JSON", "--output-file", str(made)]
    tool = [TOOLS / "cyclonedx-py", "environment", sys.executable, *options]
    subprocess.run(tool, check=True, cwd=ROOT)
    bom = only(json.loads(made.read_text()), locked(LOCK.read_text()))
    bom = with_plain_words(bom, lambda name: metadata(name)["License"] or "")
    made.write_text(json.dumps(bom, indent=2, sort_keys=True) + "\n")
    rows = sorted(licenses(bom), key=lambda row: row[0].lower())
    with (BUILD / "licenses.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("package", "version", "license"), *rows])
    print(f"{len(rows)} packages are in build/sbom.cdx.json and build/licenses.csv.")
    for sentence in unfit(rows):
        print(sentence)
    return 1 if unfit(rows) else 0


if __name__ == "__main__":
    sys.exit({"audit": audit, "sbom": sbom}[sys.argv[1]]())

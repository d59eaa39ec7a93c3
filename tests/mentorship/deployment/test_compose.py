"""docker-compose.yml and the systemd units: what they promise, and that their commands run.

No container engine is at hand where tests run: the image is not built here. What each service
starts is started as it stands there, in the same order and with the same environment, on this
run's PostgreSQL and Redis.
"""

import http.client
import json
import os
import re
import subprocess
import time
from urllib.parse import urlsplit

import pytest

from tests.conftest import ROOT, database_url
from tests.mentorship.deployment.compose import COMPOSE, HOST, SERVICES, Installation
from tests.services import free_port, wait_for_port

OURS = {name for name, service in SERVICES.items() if "build" in service}
# A name, the version meant by it, and what was published under it then.
PINNED = r"^[a-z]+:[\w.-]+@sha256:[0-9a-f]{64}$"
NICE = re.compile(r"(?:nice -n (\d+) )?(.*)")
SETTINGS = set(re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.M))


def test_each_service_keeps_to_itself():
    assert {"migrate", "web", "worker", "beat"} == OURS
    for name, service in SERVICES.items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["user"] not in {"root", "0"}, name
        assert re.search(PINNED, service["image"]) or name in OURS, name
        if name == "migrate":
            assert service["restart"] == "no"
            continue
        assert service["restart"] == "unless-stopped", name
        assert "memory" in service["deploy"]["resources"]["limits"], name
        # Caddy's image has nothing that could ask; it waits for the web server's check.
        assert "healthcheck" in service or name == "proxy", name


def test_the_image_begins_with_a_pinned_one():
    begins = re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(), re.M)
    assert len(begins) == 1
    assert re.search(PINNED, begins[0])


def test_everybody_waits_for_what_they_need_and_volumes_and_secrets_are_there():
    for name in OURS - {"migrate"}:
        assert SERVICES[name]["depends_on"]["migrate"] == {
            "condition": "service_completed_successfully"
        }
    for service in SERVICES.values():
        assert set(service.get("secrets", ())) <= set(COMPOSE["secrets"])
        assert set(service.get("depends_on", ())) <= set(SERVICES)
        for volume in service.get("volumes", ()):
            source = volume.partition(":")[0]
            assert source.startswith("./") or source in COMPOSE["volumes"]


def test_settings_and_secrets_are_those_of_the_application():
    for name in OURS:
        for setting, value in SERVICES[name]["environment"].items():
            assert setting.removesuffix("_FILE") in SETTINGS, setting
            if setting.endswith("_FILE"):
                assert value.removeprefix("/run/secrets/") in SERVICES[name]["secrets"]
    ignored = (ROOT / ".gitignore").read_text().splitlines()
    assert {"secrets/", ".env", "keys/"} <= set(ignored)


def units():
    """Return each systemd unit, read as its sections of lists."""
    found = {}
    for path in (ROOT / "deploy" / "systemd").glob("mentorship*"):
        sections, here = {}, None
        for line in path.read_text().splitlines():
            if line.startswith("["):
                here = sections.setdefault(line.strip("[]"), {})
            elif line and not line.startswith("#"):
                key, _, value = line.partition("=")
                here.setdefault(key, []).append(value)
        found[path.name] = sections
    return found


def test_systemd_starts_what_compose_starts():
    bin_ = "/opt/mentorship/.venv/bin/"
    for unit, service, more in (
        ("mentorship-web.service", "web", ""),
        ("mentorship-worker@.service", "worker", " --hostname %i@%%h"),
        ("mentorship-beat.service", "beat", ""),
    ):
        (command,) = units()[unit]["Service"]["ExecStart"]
        nice, expected = NICE.match(
            SERVICES[service]["command"].replace("0.0.0.0", "127.0.0.1")
        ).groups()
        assert command == f"{bin_}{expected}{more}"
        assert units()[unit]["Service"].get("Nice") == ([nice] if nice else None)
        assert units()[unit]["Service"]["Restart"] == ["always"]
    migrate = units()["mentorship-migrate.service"]["Service"]["ExecStart"]
    steps = re.search(r'"(.*)"', SERVICES["migrate"]["command"])[1].split(" && ")
    assert migrate == [f"{bin_}{step}" for step in steps]
    for name, unit in units().items():
        for service in " ".join(unit["Unit"].get("Wants", [])).split():
            template = re.sub(r"@\w+", "@", service)
            assert template in units() or service == "network-online.target", name
        if "Service" in unit:
            assert unit["Service"]["User"] == ["mentorship"], name
            assert unit["Service"]["ProtectSystem"] == ["strict"], name


@pytest.mark.soak  # starts seven processes
@pytest.mark.once
@pytest.mark.django_db(transaction=True)
def test_all_commands_run_as_they_stand_there(tmp_path):
    port = free_port()
    here = Installation(tmp_path, database_url(), os.environ["BROKER_URL"], port)
    migrate = here.start("migrate", stdout=subprocess.PIPE, text=True)
    printed, _ = migrate.communicate(timeout=120)
    assert migrate.returncode == 0
    assert "Make the first chair: https://mentors.example.org/" in printed
    running = {name: here.start(name) for name in ("web", "worker", "beat")}
    try:
        wait_for_port(port)
        waiting = dict.fromkeys(running, "")
        gives_up = time.monotonic() + 120
        while waiting and time.monotonic() < gives_up:
            for name in list(waiting):
                kind, *check = SERVICES[name]["healthcheck"]["test"]
                assert kind == "CMD"
                done = subprocess.run(
                    [here.here(word) for word in check],
                    cwd=ROOT,
                    env=here.environment(name),
                    check=False,
                    capture_output=True,
                    text=True,
                )
                waiting[name] = done.stderr
                if done.returncode == 0:
                    del waiting[name]
        assert waiting == {}
        assert [process.poll() for process in running.values()] == [None] * 3
        page = http.client.HTTPConnection("127.0.0.1", port)
        page.request("GET", "/committee/login/", headers={"Host": HOST})
        answer = page.getresponse()
        assert (answer.status, urlsplit(answer.headers["Location"]).scheme) == (301, "https")
        answer.read()
        page.request("GET", "/readyz", headers={"Host": HOST})
        assert json.loads(page.getresponse().read())["status"] == "ready"
    finally:
        for process in running.values():
            process.terminate()
    assert [process.wait(timeout=30) for process in running.values()] == [0, 0, 0]

"""An error goes to a server that speaks Sentry's protocol, and takes nobody's data along."""

import gzip
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.conftest import ROOT

pytestmark = [pytest.mark.integration, pytest.mark.once]
PROGRAM = """
import django
from django.conf import settings
settings.STORAGES["staticfiles"]["BACKEND"] = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
)
django.setup()
from django.test import Client
from django.urls import path
from mentorship import urls

def fail(request, key):
    name = "Zzyzx Quux"
    raise ValueError(f"{name} is no number")

urls.urlpatterns.insert(0, path("fail/<str:key>/", fail))
client = Client(raise_request_exception=False)
answer = client.post(
    "/fail/Zzyzx/?q=Zzyzx", {"name": "Zzyzx"}, headers={"Cookie": "a=Zzyzx", "Host": "localhost"}
)
assert answer.status_code == 500
import sentry_sdk
sentry_sdk.flush()
"""


@pytest.mark.slow
def test_kind_and_place_of_an_error_are_reported_and_nothing_else(tmp_path):
    arrived = []

    class Reports(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            arrived.append(gzip.decompress(body) if body[:2] == b"\x1f\x8b" else body)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Reports) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        done = subprocess.run(
            [sys.executable, "-c", PROGRAM],
            cwd=ROOT,
            env=os.environ
            | {
                "DJANGO_SETTINGS_MODULE": "mentorship.settings",
                "VAR_DIR": str(tmp_path),
                "SENTRY_DSN": f"http://key@127.0.0.1:{server.server_port}/1",
                "ENVIRONMENT_LABEL": "Trial",
            },
            capture_output=True,
            text=True,
            check=False,
        )
        server.shutdown()

    assert done.returncode == 0, done.stderr
    items = [json.loads(line) for line in b"\n".join(arrived).splitlines() if line]
    (event,) = [item for item in items if "exception" in item]
    (error,) = event["exception"]["values"]
    assert (error["type"], error["value"]) == ("ValueError", "")
    assert error["stacktrace"]["frames"][-1]["function"] == "fail"
    assert event["environment"] == "Trial"
    assert len(event["tags"]["request_id"]) == 32
    assert b"Zzyzx" not in b"".join(arrived)
    assert "Zzyzx" not in done.stderr

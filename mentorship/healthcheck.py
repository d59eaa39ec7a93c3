"""Ask the web server how something is: `python -m mentorship.healthcheck URL NAME`.

Ends with 0 if NAME is "ok" in what it answers, else with 1 and a sentence. It asks in the name of
the site, since the web server answers to no other, and loads nothing, since it is started often.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
from urllib.parse import urlsplit


def main(url: str, name: str) -> str:
    """Return what is wrong, in words; "" if nothing is."""
    where = urlsplit(url)
    host = urlsplit(os.environ.get("SITE_URL") or "http://localhost").netloc
    server = http.client.HTTPConnection(where.netloc, timeout=10)
    try:
        server.request("GET", where.path, headers={"Host": host})
        said = json.loads(server.getresponse().read())
    except (OSError, ValueError) as error:
        return f"{url} does not answer: {error}"
    finally:
        server.close()
    state = said.get(name)
    return "" if state == "ok" else f"{name} is {state}"


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]) or 0)

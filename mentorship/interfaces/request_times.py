"""How long requests take, by what they asked for and what came of it, for Prometheus."""

from __future__ import annotations

import os

from prometheus_client import CollectorRegistry, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

# Seconds. Few, since each is a number for each route, method and class of status.
_UP_TO = (0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
_seconds = Histogram(
    "mentorship_request_seconds",
    "How long requests took to answer",
    ["route", "method", "status"],
    buckets=_UP_TO,
    registry=None,
)


def note_request(route: str, method: str, status: int, seconds: float) -> None:
    """Count a request. `route` and `method` are names of ours, never what somebody sent."""
    _seconds.labels(route, method, f"{status // 100}xx").observe(seconds)


def add_request_times(registry: CollectorRegistry) -> None:
    """Add the times of all processes of this web server to what a registry tells."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        MultiProcessCollector(registry)
    else:
        registry.register(_seconds)

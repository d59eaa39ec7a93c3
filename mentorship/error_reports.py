"""Errors reported to a server that speaks Sentry's protocol, with nobody's data in them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured

from mentorship.logs import current

# What of a report is sent; requests, users, breadcrumbs and variables are not among it.
_KEPT = ("event_id", "timestamp", "level", "platform", "release", "environment", "logger")
_OF_A_FRAME = ("filename", "abs_path", "function", "module", "lineno", "in_app")


def report_errors(dsn: str, environment: str) -> None:
    """Report each error that nobody handles, from now on, to the server of this address."""
    import sentry_sdk

    try:
        sentry_sdk.init(
            dsn=dsn,
            environment=environment or "production",
            before_send=without_personal_data,
            send_default_pii=False,
            include_local_variables=False,
            include_source_context=False,
            max_request_body_size="never",
            max_breadcrumbs=0,
        )
    except ValueError as error:
        raise ImproperlyConfigured(f"SENTRY_DSN is not such an address: {error}.") from error


def without_personal_data(event: Any, hint: dict[str, Any]) -> Any:
    """Return where an error of which type was raised, and the number of its request.

    An error's message may quote what somebody typed, so it stays out.
    """
    errors = event.get("exception", {}).get("values", [])
    return {
        **{name: event[name] for name in _KEPT if name in event},
        "tags": {"request_id": current()},
        "exception": {"values": [_where(error) for error in errors]},
    }


def _where(error: dict[str, Any]) -> dict[str, Any]:
    frames = (error.get("stacktrace") or {}).get("frames", [])
    return {
        "type": error.get("type"),
        "module": error.get("module"),
        "value": "",
        "stacktrace": {
            "frames": [
                {name: frame[name] for name in _OF_A_FRAME if name in frame} for frame in frames
            ]
        },
    }

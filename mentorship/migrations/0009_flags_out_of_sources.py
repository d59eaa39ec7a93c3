"""Two flags move from the sources of people's details into columns, and the demo gets its mark."""

from django.db import migrations
from django.db.models import Max
from django.utils import timezone

CONTRADICTED, REGISTERED = "role_against_decision", "registered"
# Accounts that only `load_demo` makes, with addresses that nobody can have.
DEMO_ACCOUNTS = ["chair@scipy.example", "member@scipy.example"]
BATCH = 500


def flags_into_columns(apps, schema_editor):
    participants = apps.get_model("mentorship", "Participant").objects
    history = apps.get_model("mentorship", "HistoricalParticipant").objects
    # Nothing has kept when: the newest response is what contradicted, and for a ruling any time does.
    answered = participants.annotate(moment=Max("responses__submitted_at"))
    moments = dict(
        answered.filter(detail_sources__has_key=CONTRADICTED).values_list("pk", "moment")
    )
    now = timezone.now()
    for manager, key, is_history in ((participants, "pk", False), (history, "id", True)):
        rows = manager.filter(detail_sources__has_any_keys=[CONTRADICTED, REGISTERED])
        keys = list(rows.values_list("pk", flat=True))
        for start in range(0, len(keys), BATCH):
            batch = list(manager.filter(pk__in=keys[start : start + BATCH]))
            for row in batch:
                seen = row.history_date if is_history else now
                if row.detail_sources.pop(CONTRADICTED, None):
                    row.role_contradicted_at = moments.get(getattr(row, key)) or seen
                if row.detail_sources.pop(REGISTERED, None):
                    row.kept_registered_at = seen
            manager.bulk_update(
                batch, ["detail_sources", "role_contradicted_at", "kept_registered_at"]
            )
    _undo_with_columns(apps, {pk: moment or now for pk, moment in moments.items()})


def _undo_with_columns(apps, moments):
    """Have an import that can still be undone put the flag back where it is now."""
    imports = apps.get_model("mentorship", "Import").objects
    for kept in imports.filter(state="done").exclude(undo={}).iterator(20):
        changed = False
        for pk, columns in kept.undo.get("columns", {}).items():
            before, after = columns.get("detail_sources", ({}, {}))
            flagged = [bool(sources.pop(CONTRADICTED, None)) for sources in (before, after)]
            for sources in (before, after):
                changed |= bool(sources.pop(REGISTERED, None))
            changed |= any(flagged)
            if flagged[0] != flagged[1]:
                moment = moments.get(int(pk), kept.imported_at).isoformat()
                columns["role_contradicted_at"] = [moment if said else None for said in flagged]
        if changed:
            kept.save(update_fields=["undo"])


def flags_into_sources(apps, schema_editor):
    """Put the flags back among the sources; the undo of imports stays as it is, without them."""
    participants = apps.get_model("mentorship", "Participant").objects
    history = apps.get_model("mentorship", "HistoricalParticipant").objects
    for manager in (participants, history):
        for column, key, source in (
            ("role_contradicted_at", CONTRADICTED, "survey"),
            ("kept_registered_at", REGISTERED, "committee"),
        ):
            for row in manager.exclude(**{column: None}):
                row.detail_sources[key] = source
                row.save(update_fields=["detail_sources"])


def mark_the_demo(apps, schema_editor):
    """Mark the program that `load_demo` made: it has the demo's short name and its accounts."""
    programs = apps.get_model("mentorship", "Program").objects
    for program in programs.filter(slug="scipy-2027"):
        emails = program.memberships.filter(user__email__in=DEMO_ACCOUNTS)
        if emails.values("user__email").distinct().count() == len(DEMO_ACCOUNTS):
            program.is_demo = True
            program.save(update_fields=["is_demo"])


def forget_the_invented_provider(apps, schema_editor):
    """Take the demo's provider of mailboxes out of the list that every program has had."""
    programs = apps.get_model("mentorship", "Program").objects
    for program in programs.filter(is_demo=False):
        if "freemail.example" in program.free_mail_domains:
            program.free_mail_domains.remove("freemail.example")
            program.save(update_fields=["free_mail_domains"])


class Migration(migrations.Migration):
    dependencies = [("mentorship", "0008_flags_as_columns")]
    operations = [
        migrations.RunPython(flags_into_columns, flags_into_sources),
        migrations.RunPython(mark_the_demo, migrations.RunPython.noop),
        migrations.RunPython(forget_the_invented_provider, migrations.RunPython.noop),
    ]

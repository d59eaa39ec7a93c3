"""What a test commits is gone before the next, and what a migration wrote is there again."""

import pytest
from django.contrib.auth.models import Permission
from django_celery_beat.models import PeriodicTask

from tests.emptying import Emptying
from tests.factories import MatchFactory, MembershipFactory


@pytest.mark.django_db
def test_only_what_the_migrations_wrote_is_left():
    empty = Emptying()
    tables = empty.tables_with_rows()
    tasks = sorted(PeriodicTask.objects.values_list("pk", "name", "interval__every"))
    permissions = sorted(Permission.objects.values_list("pk", "codename"))
    MatchFactory()
    MembershipFactory()
    PeriodicTask.objects.filter(name=tasks[0][1]).delete()
    PeriodicTask.objects.update(enabled=False)
    Permission.objects.all().delete()

    empty()

    assert sorted(empty.tables_with_rows()) == sorted(tables)
    assert {"django_content_type", "auth_permission"} < set(tables)
    assert sorted(PeriodicTask.objects.values_list("pk", "name", "interval__every")) == tasks
    assert set(PeriodicTask.objects.values_list("enabled", flat=True)) == {True}
    assert sorted(Permission.objects.values_list("pk", "codename")) == permissions

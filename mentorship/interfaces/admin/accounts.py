"""Accounts, for whoever hosts the site; and what other packages register, brought into line."""

from __future__ import annotations

from axes.admin import AccessAttemptAdmin as AxesAttemptAdmin
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group, User
from django_celery_beat.models import (
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
)
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

# Nobody manages these by hand: membership is the permission, and the schedule is in the settings.
for model in (
    Group,
    User,
    AccessAttempt,
    AccessFailureLog,
    AccessLog,
    ClockedSchedule,
    CrontabSchedule,
    IntervalSchedule,
    PeriodicTask,
    SolarSchedule,
):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


@admin.register(User)
class UserAdmin(DjangoUserAdmin, ModelAdmin):
    """Accounts; only a superuser has the permission to see them."""

    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ["username", "email", "first_name", "last_name", "is_active", "is_superuser"]
    list_filter = []
    filter_horizontal = []
    fieldsets = [
        ("Account", {"fields": ["username", "password"]}),
        ("Person", {"fields": [("first_name", "last_name"), "email"]}),
        ("May sign in", {"fields": ["is_active", "is_staff", "is_superuser"]}),
        ("Dates", {"fields": [("last_login", "date_joined")]}),
    ]
    readonly_fields = ["last_login", "date_joined"]


@admin.register(AccessAttempt)
class AccessAttemptAdmin(AxesAttemptAdmin, ModelAdmin):
    """Who is locked out after too many wrong passwords; deleting the row lets them in again."""

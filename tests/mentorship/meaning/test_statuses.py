"""What shops and form tools say of a row."""

import pytest

from mentorship.domain.meaning.statuses import (
    admits_nobody,
    has_statuses,
    speaks_of_giving_up,
    why_no_answer,
    why_not_counted,
)
from mentorship.domain.meaning.understanding import NotUnderstood


@pytest.mark.parametrize(
    ("heading", "text", "why"),
    [
        # pretix
        ("Status", "paid", ""),
        ("Status", "pending", ""),
        ("Status", "canceled", "canceled"),
        ("Status", "expired", "expired"),
        ("Blocked", "", ""),
        ("Blocked", "Yes", "canceled"),
        # Eventbrite
        ("Order Status", "Refunded", "refunded"),
        ("Attendee Status", "Attending", ""),
        ("Attendee Status", "Not Attending", "not attending"),
        ("Attendee Status", "Checked In", ""),
        # Tito, Luma
        ("Void Status", "", ""),
        ("Void Status", "true", "canceled"),
        ("approval_status", "approved", ""),
        ("approval_status", "declined", "not attending"),
        ("approval_status", "invited", "only invited"),
        ("approval_status", "pending_approval", "not approved yet"),
        ("approval_status", "waitlist", "on the waiting list"),
        # Others
        ("Canceled", "No", ""),
        ("Canceled at", "2027-05-01 10:00", "canceled"),
        ("Refunded?", "yes", "refunded"),
        ("Refund", "0", ""),
        ("Test mode", "true", "a test"),
        ("Test order", "No", ""),
        ("Waiting list", "x", "on the waiting list"),
        ("Attending", "No", "not attending"),
        ("Attending", "Yes", ""),
        ("Checked in", "No", ""),
        ("Checked in", "", ""),
        ("checked_in_at", "2027-07-12T09:00", ""),
        ("Is active", "false", "canceled"),
        ("Bestellstatus", "Storniert", "canceled"),
        ("Bestellstatus", "Bezahlt", ""),
        ("Statut", "Rembours\u00e9", "refunded"),
        ("Statut", "Liste d\u2019attente", "on the waiting list"),
        ("Estado", "Cancelado", "canceled"),
        ("Status", "Geannuleerd", "canceled"),
    ],
)
def test_which_tickets_count(heading, text, why):
    assert why_not_counted(heading, text) == why


@pytest.mark.parametrize(
    ("heading", "text"),
    [("Status", "partially refunded"), ("Order status", "gold"), ("Refunded", "50 USD")],
)
def test_words_that_may_be_either(heading, text):
    with pytest.raises(NotUnderstood):
        why_not_counted(heading, text)


@pytest.mark.parametrize(
    ("heading", "text", "why"),
    [
        ("Finished", "True", ""),
        ("Finished", "0", "unfinished"),
        ("Completion Status", "1", ""),
        ("Completion Status", "0", "unfinished"),
        ("_status", "submitted_via_web", ""),
        ("Progress", "100", ""),
        ("Progress", "40", "unfinished"),
        ("Progress", "100%", ""),
        ("Status", "IP Address", ""),
        ("Status", "Survey Preview", "a test"),
        ("Status", "1", "a test"),
        ("Status", "Spam", "a test"),
        ("Response Type", "completed", ""),
        ("Response Type", "started", "unfinished"),
        ("Response Status", "Partial", "unfinished"),
        ("Completed", "2027-06-01 10:00", ""),
        ("Abgeschlossen", "Nein", "unfinished"),
    ],
)
def test_which_answers_count(heading, text, why):
    assert why_no_answer(heading, text) == why


@pytest.mark.parametrize(
    ("heading", "values", "given_up"),
    [
        ("Zustand der Karte", ["bezahlt", "storniert", ""], True),
        ("Registration", ["Attending", "Refunded"], True),
        ("Registration", ["Attending", "Complete"], False),
        ("Consent to photos", ["canceled"], False),
        ("What happened", [f"story {n}" for n in range(20)] + ["canceled"], False),
        ("Mentorship", ["Mentor", "Mentee", ""], False),
        ("Order", [""], False),
    ],
)
def test_a_column_that_says_of_rows_that_they_were_given_up(heading, values, given_up):
    assert has_statuses(heading, values) is given_up


def test_what_admits_nobody():
    nothing = ["T-shirt", "Conference T-Shirt (M)", "Donation", "Speaker dinner", "Banquet",
               "Parking", "Childcare", "Hoodie"]  # fmt: skip
    tickets = ["Conference pass (in person)", "Tutorials", "Ticket incl. T-shirt",
               "Student pass", "Virtual", "Conference + banquet ticket", "Sprints"]  # fmt: skip
    assert [ticket for ticket in nothing if not admits_nobody(ticket)] == []
    assert [ticket for ticket in tickets if admits_nobody(ticket)] == []


@pytest.mark.parametrize(
    ("text", "given_up"),
    [
        ("CANCELLED - Virtual", True),
        ("In person (Waitlist)", True),
        ("Bo Lind (cancelled)", True),
        ("In person, no refund", False),
        ("Virtual – free cancellation until June", False),
        ("Fabian Cancellara", False),
        ("Jo Void", False),
    ],
)
def test_tickets_and_names_that_say_they_were_given_up(text, given_up):
    assert speaks_of_giving_up(text) is given_up

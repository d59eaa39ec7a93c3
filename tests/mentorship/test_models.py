"""Each rule that the database itself keeps is seen to refuse what breaks it."""

import datetime

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from matching.models import Concern, Feedback, KeepApart, Match, PastPair
from matching.models.board_step import BoardStep
from matching.models.mentor_answer import MentorAnswer
from mentorship.models import Field, Membership, Participant, Program, Sector, SurveyResponse
from mentorship.models.research import ResearchTurn
from notifications.models import Bounce, EmailLog, EmailReply, ScheduleRun
from tests.factories import (
    CheckInFactory,
    ConcernFactory,
    EmailLogFactory,
    EmailTemplateFactory,
    FeedbackFactory,
    ImportFactory,
    ImportSourceFactory,
    KeepApartFactory,
    MatchFactory,
    MeetingFactory,
    MembershipFactory,
    ParticipantFactory,
    PretixSourceFactory,
    ProgramFactory,
    ProposalRunFactory,
    QuestionFactory,
    ScheduleFactory,
    SourceRunFactory,
    SurveyResponseFactory,
    ValueMeaningFactory,
)

pytestmark = pytest.mark.django_db

NOON = datetime.datetime(2083, 6, 20, 12, tzinfo=datetime.UTC)
TABLES = [
    m
    for a in ("mentorship", "matching", "notifications")
    for m in apps.get_app_config(a).get_models()
]


def the_same_address_twice():
    ParticipantFactory(email="ada@freemail.example", program=(p := ProgramFactory()))
    ParticipantFactory(email=" ADA@freemail.example", program=p)


def a_negative_capacity():
    Participant.objects.filter(pk=ParticipantFactory().pk).update(capacity=-1)


def nobody_said_a_role():
    ParticipantFactory(signup_role="")


def an_end_before_the_start():
    day = datetime.date(2083, 7, 1)
    Program.objects.filter(pk=ProgramFactory().pk).update(ends_on=day)


def an_end_by_itself_at_no_time():
    ProgramFactory()
    Program.objects.update(anonymises_itself=True)


def a_floor_above_all_affinity():
    Program.objects.filter(pk=ProgramFactory().pk).update(affinity_floor=1001)


def one_field_twice():
    Field(program=ProgramFactory(), name="Biology/Health").save()


def two_fields_for_other():
    Field(program=ProgramFactory(), name="Else", is_other=True).save()


def two_sectors_for_other():
    Sector(program=ProgramFactory(), name="Else", is_other=True).save()


def one_sector_twice():
    Sector(program=ProgramFactory(), name="Academia").save()


def a_member_twice():
    first = MembershipFactory()
    Membership(program=first.program, user=first.user, level="chair").save()


def one_question_twice():
    question = QuestionFactory()
    QuestionFactory(program=question.program, text=question.text)


def one_imported_answer_twice():
    answer = SurveyResponseFactory(origin=SurveyResponse.Origin.IMPORT)
    SurveyResponseFactory(
        participant=answer.participant, submitted_at=answer.submitted_at, origin=answer.origin
    )


def a_mentee_with_two_mentors():
    match = MatchFactory()
    MatchFactory(program=match.program, mentee=match.mentee, status=Match.Status.ANNOUNCED)


def a_mentor_of_oneself():
    person = ParticipantFactory()
    MatchFactory(program=person.program, mentor=person, mentee=person)


def a_pair_kept_apart_twice():
    pair = KeepApartFactory()
    KeepApartFactory(program=pair.program, first=pair.second, second=pair.first)


def a_pair_in_the_wrong_order():
    pair = KeepApartFactory()
    KeepApart.objects.filter(pk=pair.pk).update(first=pair.second, second=pair.first)


def a_settled_concern_without_its_time():
    Concern.objects.filter(pk=ConcernFactory().pk).update(status=Concern.Status.SETTLED)


def feedback_on_one_match_twice():
    match = MatchFactory()
    for _ in range(2):
        FeedbackFactory(participant=match.mentor, match=match)


def feedback_without_a_match_twice():
    person = ParticipantFactory()
    for _ in range(2):
        FeedbackFactory(participant=person)


def a_rating_of_six():
    Feedback.objects.filter(pk=FeedbackFactory().pk).update(rating=6)


def one_text_of_a_kind_twice():
    text = EmailTemplateFactory()
    EmailTemplateFactory(program=text.program, kind=text.kind)


def a_sent_mail_without_its_time():
    EmailLog.objects.filter(pk=EmailLogFactory().pk).update(state=EmailLog.State.SENT)


def a_ninth_attempt():
    EmailLog.objects.filter(pk=EmailLogFactory().pk).update(attempts=9)


def an_import_without_its_time():
    ImportFactory(imported_at=None)


def an_undone_import_without_its_time():
    ImportFactory(state="undone")


def two_sources_of_signups():
    first = ImportSourceFactory()
    ImportSourceFactory(program=first.program)


def a_shop_without_an_event():
    PretixSourceFactory(event="")


def a_paused_source_that_is_due():
    ImportSourceFactory(paused_why="Later.")


def trouble_that_was_never_tried():
    ImportSourceFactory(trouble="It is gone.")


def a_failed_run_without_words():
    SourceRunFactory(outcome="failed")


def two_drafts_of_a_source():
    source = ImportSourceFactory()
    for _ in range(2):
        ImportFactory(program=source.program, source=source, state="draft", imported_at=None)


def a_past_pair_twice():
    pair = {
        "program": ProgramFactory(),
        "first_email": "a@b.example",
        "second_email": "c@d.example",
    }
    PastPair.objects.create(**pair)
    PastPair.objects.create(**pair)


def a_past_pair_of_one():
    PastPair.objects.create(
        program=ProgramFactory(), first_email="a@b.example", second_email="a@b.example"
    )


def one_email_for_one_reason_twice():
    EmailLogFactory(kind="check_in", about=7, which="11")
    EmailLogFactory(kind="check_in", about=7, which="11")


def one_match_announced_in_two_ways():
    EmailLogFactory(kind="match_in_person", about=7)
    EmailLogFactory(kind="match_mentee", about=7)


def mail_on_its_way_without_a_worker():
    EmailLogFactory(state="sending", claimed_at=None)


def one_report_of_a_mail_twice():
    report = {"address": "a@b.example", "reported": "a@b.example", "report": "<1@b.example>"}
    report["mail"] = EmailLogFactory()
    Bounce.objects.create(**report)
    Bounce.objects.create(**report)


def one_reply_to_a_mail_twice():
    reply = {"mail": EmailLogFactory(), "participant": ParticipantFactory(), "message": "1"}
    EmailReply.objects.create(**reply)
    EmailReply.objects.create(**reply)


def a_dismissed_report_about_somebody():
    mail = EmailLogFactory()
    Bounce.objects.create(mail=mail, address="a@b.example", report="1", dismissed_at=NOON)


def a_schedule_twice():
    ScheduleFactory(program=ScheduleFactory().program)


def a_schedule_of_a_decision():
    counted = {"anchor": "starts_on", "after_days": None, "at_most": None}
    ScheduleFactory(kind="match_changed", **counted)


def hours_that_end_before_they_begin():
    ScheduleFactory(from_hour=17, to_hour=9)


def a_reminder_that_counts_from_the_conference():
    ScheduleFactory(anchor="starts_on", after_days=None)


def a_day_that_ran_twice():
    run = {"schedule": ScheduleFactory(), "day": NOON.date(), "at": NOON}
    ScheduleRun.objects.create(**run)
    ScheduleRun.objects.create(**run)


def a_check_in_twice():
    said = CheckInFactory()
    CheckInFactory(match=said.match)


def a_meeting_that_never_changed():
    MeetingFactory(sequence=0)


def a_word_with_two_meanings():
    word = ValueMeaningFactory()
    ValueMeaningFactory(program=word.program, text=word.text, meaning="mentee")


def a_role_that_means_how_one_attends():
    ValueMeaningFactory(meaning="virtual")


def two_steps_of_one_version():
    program = ProgramFactory()
    for _ in range(2):
        BoardStep.objects.create(program=program, kind="lock", version=1)


def two_proposals_at_work_at_once():
    ProposalRunFactory(program=ProposalRunFactory().program)


def a_proposal_that_ended_without_an_outcome():
    ProposalRunFactory(ended_at=NOON)


def two_people_looked_up_by_one_member():
    member = MembershipFactory()
    for person in ParticipantFactory.create_batch(2, program=member.program):
        ResearchTurn.objects.create(program=member.program, participant=person, held_by=member.user)


def research_that_ended_without_an_outcome():
    person = ParticipantFactory()
    ResearchTurn.objects.create(program=person.program, participant=person, ended_at=NOON)


def asked_about(match, **answer):
    MentorAnswer.objects.create(
        program=match.program, mentor=match.mentor, mentee=match.mentee, **answer
    )


def a_mentor_asked_twice_about_one_mentee():
    match = MatchFactory()
    asked_about(match)
    asked_about(match)


def a_mentors_answer_without_its_time():
    asked_about(MatchFactory(), answer="accepted")


REFUSED = {
    "one_meaning_a_text_of_a_program": a_word_with_two_meanings,
    "meaning_is_of_its_kind": a_role_that_means_how_one_attends,
    "one_step_a_version": two_steps_of_one_version,
    "one_proposal_run_at_a_time": two_proposals_at_work_at_once,
    "proposal_run_ends_with_an_outcome": a_proposal_that_ended_without_an_outcome,
    "one_person_looked_up_by_a_member": two_people_looked_up_by_one_member,
    "research_ended_with_an_outcome": research_that_ended_without_an_outcome,
    "mentor_asked_once": a_mentor_asked_twice_about_one_mentee,
    "mentor_answered_at_a_time": a_mentors_answer_without_its_time,
    "one_check_in_a_person": a_check_in_twice,
    "meeting_has_a_sequence": a_meeting_that_never_changed,
    "past_pair_once": a_past_pair_twice,
    "past_pair_of_two": a_past_pair_of_one,
    "one_email_of_a_kind_about_the_same": one_email_for_one_reason_twice,
    "one_email_about_a_match": one_match_announced_in_two_ways,
    "mail_on_its_way_was_claimed": mail_on_its_way_without_a_worker,
    "one_report_once": one_report_of_a_mail_twice,
    "one_reply_once": one_reply_to_a_mail_twice,
    "dismissed_is_about_nobody": a_dismissed_report_about_somebody,
    "one_schedule_a_kind": a_schedule_twice,
    "schedule_of_a_kind": a_schedule_of_a_decision,
    "schedule_hours_in_order": hours_that_end_before_they_begin,
    "schedule_counts_from_one_thing": a_reminder_that_counts_from_the_conference,
    "one_run_a_day": a_day_that_ran_twice,
    "one_source_of_signups": two_sources_of_signups,
    "source_has_what_its_kind_needs": a_shop_without_an_event,
    "source_is_due_or_paused": a_paused_source_that_is_due,
    "source_in_trouble_has_tried": trouble_that_was_never_tried,
    "run_without_import_says_why": a_failed_run_without_words,
    "one_draft_a_source": two_drafts_of_a_source,
    "import_done_at_a_time": an_import_without_its_time,
    "import_undone_at_a_time": an_undone_import_without_its_time,
    "one_participant_an_address": the_same_address_twice,
    "capacity_not_negative": a_negative_capacity,
    "participant_has_a_role": nobody_said_a_role,
    "program_starts_before_it_ends": an_end_before_the_start,
    "program_anonymises_itself_at_a_time": an_end_by_itself_at_no_time,
    "program_affinity_floor_range": a_floor_above_all_affinity,
    "field_name_once_a_program": one_field_twice,
    "one_other_field_a_program": two_fields_for_other,
    "one_other_sector_a_program": two_sectors_for_other,
    "sector_name_once_a_program": one_sector_twice,
    "one_membership_a_program": a_member_twice,
    "question_once_a_program": one_question_twice,
    "imported_response_once": one_imported_answer_twice,
    "one_live_match_a_mentee": a_mentee_with_two_mentors,
    "nobody_mentors_themselves": a_mentor_of_oneself,
    "keep_apart_once": a_pair_kept_apart_twice,
    "keep_apart_in_order": a_pair_in_the_wrong_order,
    "concern_settled_at_a_time": a_settled_concern_without_its_time,
    "one_feedback_a_match": feedback_on_one_match_twice,
    "one_feedback_without_a_match": feedback_without_a_match_twice,
    "rating_from_1_to_5": a_rating_of_six,
    "one_template_a_kind": one_text_of_a_kind_twice,
    "sent_mail_has_its_time": a_sent_mail_without_its_time,
    "at_most_eight_attempts": a_ninth_attempt,
}
# Only there so that a match can refer to a person together with the person's program.
NEVER_BROKEN_ALONE = {"participant_of_program"}


def test_every_rule_is_tried():
    rules = {rule.name for table in TABLES for rule in table._meta.constraints}

    assert rules == REFUSED.keys() | NEVER_BROKEN_ALONE


@pytest.mark.parametrize("rule", REFUSED)
def test_refuses(rule):
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        REFUSED[rule]()

    assert_broke(refused.value, rule)


def assert_broke(error, rule):
    """PostgreSQL names each rule; SQLite names a check, and of a unique rule the columns."""
    table = next(t for t in TABLES for r in t._meta.constraints if r.name == rule)
    constraint = next(r for r in table._meta.constraints if r.name == rule)
    if connection.vendor == "postgresql":
        assert error.__cause__.diag.constraint_name == rule
    elif fields := getattr(constraint, "fields", None):
        columns = [table._meta.get_field(f).column for f in fields]
        named = ", ".join(f"{table._meta.db_table}.{column}" for column in columns)
        assert str(error) == f"UNIQUE constraint failed: {named}"
    elif rule == "capacity_not_negative":
        # The column's own type has a check that says the same and comes first.
        assert str(error).startswith("CHECK constraint failed: ")
    else:
        assert str(error) == f"CHECK constraint failed: {rule}"


def settled(change, **values):
    """Change something and ask at once what PostgreSQL would ask at the end."""
    change(**values)
    connection.check_constraints()


@pytest.mark.parametrize("person", ["mentor", "mentee"])
def test_refuses_a_match_of_two_programs(person):
    stranger = ParticipantFactory(signup_role=person)

    with pytest.raises(IntegrityError, match=f"match_{person}_of_program"), transaction.atomic():
        settled(MatchFactory, **{person: stranger})


@pytest.mark.parametrize("person", ["mentor", "mentee"])
def test_refuses_to_move_a_match_to_another_program(person):
    match = MatchFactory()
    stranger = ParticipantFactory(signup_role=person)

    with pytest.raises(IntegrityError, match=f"match_{person}_of_program"), transaction.atomic():
        settled(Match.objects.filter(pk=match.pk).update, **{person: stranger})


@pytest.mark.parametrize(
    ("make", "column"),
    [(ProgramFactory, "slug"), (ParticipantFactory, "link_key"), (EmailLogFactory, "about")],
)
def test_refuses_one_key_twice(make, column):
    row = make()

    with pytest.raises(IntegrityError), transaction.atomic():
        type(row).objects.filter(pk=make().pk).update(**{column: getattr(row, column)})


def test_a_dissolved_match_leaves_room_for_another():
    match = MatchFactory(status=Match.Status.DISSOLVED)

    other = MatchFactory(program=match.program, mentee=match.mentee)

    assert list(Match.objects.live()) == [other]


def test_an_answer_is_never_changed():
    answer = SurveyResponseFactory(notes="as sent")
    answer.notes = "changed"

    with pytest.raises(TypeError):
        answer.save()
    with pytest.raises(TypeError):
        SurveyResponse.objects.update(notes="changed")

    assert SurveyResponse.objects.get().notes == "as sent"


@pytest.mark.parametrize(
    ("said", "doubt"),
    [
        ({"signup_role": "mentor"}, ""),
        ({"signup_role": "mentor", "survey_role": "mentor"}, ""),
        (
            {"signup_role": "mentor", "survey_role": "mentee"},
            "signed up as mentor, answered as mentee",
        ),
        ({"signup_role": "mentor", "survey_role": "mentee", "decided_role": "mentor"}, ""),
        ({"signup_role": "mentor", "survey_role": "mentee", "withdrawn_at": NOON}, ""),
        (
            {
                "decided_role": "mentor",
                "survey_role": "mentee",
                "role_contradicted_at": NOON,
            },
            "decided as mentor, has answered as mentee since",
        ),
        (
            {"signup_role": "mentee", "previous_signup_role": "mentor"},
            "signed up as mentee, before that as mentor",
        ),
    ],
)
def test_role_in_doubt_is_the_same_in_words_and_in_the_database(said, doubt):
    person = ParticipantFactory(**said)

    assert person.role_doubt == doubt
    assert Participant.objects.with_role_in_doubt().exists() == bool(doubt)


def test_who_answered_and_who_was_researched():
    answered = SurveyResponseFactory().participant
    program = answered.program
    silent = ParticipantFactory(program=program, detail_sources={"notes": "signup"})
    looked_up = ParticipantFactory(program=program, detail_sources={"notes": "research"})
    ParticipantFactory(program=program, withdrawn_at=NOON)

    assert list(Participant.objects.answered()) == [answered]
    assert list(Participant.objects.not_answered().order_by("pk")) == [silent, looked_up]
    assert list(Participant.objects.researched()) == [looked_up]


def test_a_sector_of_another_program_does_not_validate():
    person = ParticipantFactory()
    person.sector = Sector.objects.exclude(program=person.program).first() or Sector.objects.create(
        program=ProgramFactory(), name="Elsewhere"
    )

    with pytest.raises(ValidationError, match="another program"):
        person.full_clean()


def test_of_each_person_the_response_sent_last_counts():
    """Whatever the order in which they came in; of two at one moment, the later row."""
    program = ProgramFactory()
    ada, bo = ParticipantFactory(program=program), ParticipantFactory(program=program)
    noon, evening = (datetime.datetime(2083, 6, 1, hour, tzinfo=datetime.UTC) for hour in (12, 18))
    last = SurveyResponseFactory(participant=ada, submitted_at=evening)
    SurveyResponseFactory(participant=ada, submitted_at=noon)
    SurveyResponseFactory(participant=bo, submitted_at=noon)
    second = SurveyResponseFactory(participant=bo, submitted_at=noon)
    assert set(SurveyResponse.objects.newest()) == {last, second}
    assert SurveyResponse.objects.filter(participant=ada).newest().get() == last


def test_names_of_a_program_are_on_one_line():
    names = ("name", "place", "committee_name", "committee_people", "call_service_name")
    program = ProgramFactory(**dict.fromkeys(names, "Conf\r\nBcc: eve@x.example "))

    program.full_clean()

    assert {getattr(program, name) for name in names} == {"Conf Bcc: eve@x.example"}

"""The committee's pages on mail, without a browser: who may, what they do, how they refuse."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from matching.models import Match
from notifications.domain.content.templates import MailText, default_text
from notifications.domain.outbox.queueing import queue_mail
from notifications.models import EmailBatch, EmailLog, EmailTemplate
from tests.factories import (
    EmailLogFactory,
    EmailTemplateFactory,
    MatchFactory,
    MembershipFactory,
    ParticipantFactory,
    ProgramFactory,
)

pytestmark = pytest.mark.django_db
OUTBOX = reverse("admin:notifications_emaillog_changelist")


@pytest.fixture
def member():
    return MembershipFactory(program__name="Conf").user


@pytest.fixture
def program(member):
    return member.programs.get()


@pytest.fixture
def page(client, member):
    client.force_login(member, backend="django.contrib.auth.backends.ModelBackend")
    return client


def said(response):
    return [str(message) for message in response.context["messages"]]


def states():
    return list(EmailLog.objects.order_by("pk").values_list("state", flat=True))


class TestSend:
    def test_shows_who_gets_it_and_who_does_not_before_anything_is_queued(self, page, program):
        ann = ParticipantFactory(program=program, name="Ann")
        ParticipantFactory(program=program, name="Gone", withdrawn_at=timezone.now())
        shown = page.get(reverse("send_survey")).context["shown"]
        assert (shown.emails, shown.people) == (1, [("Ann", ann.email)])
        assert list(shown.left_out) == ["does not take part any more"]
        (sample,) = shown.samples
        assert sample[:2] == ("Survey invitation", 1)
        assert sample[2].text.startswith("Hi Ann,")
        assert EmailLog.objects.count() == 0

    def test_one_sample_of_each_variant_and_what_to_look_at_first(self, page, program):
        MatchFactory(program=program)
        MatchFactory(program=program, mentee__signup_attendance="virtual")
        shown = page.get(reverse("send_match")).context["shown"]
        assert [sample[:2] for sample in shown.samples] == [
            ("Match, in person", 1),
            ("Match, with a call", 1),
        ]
        assert shown.warnings == [
            "The program does not say by when people should hear from each other.",
            "1 match has a warning (mixed attendance, or no shared field).",
        ]

    def test_what_is_sent_rests_and_can_be_taken_back_matches_too(self, page, program, member):
        match = MatchFactory(program=program)
        response = page.post(reverse("send_match"), {"seen": "1"})
        batch = EmailBatch.objects.get()
        assert response.url == reverse("mail_batch", args=[batch.pk])
        mail = EmailLog.objects.get()
        assert (batch.created_by, mail.not_before, mail.state) == (
            member,
            batch.leaves_at,
            "queued",
        )
        assert 110 < (batch.leaves_at - timezone.now()).total_seconds() <= 120
        response = page.post(reverse("take_batch_back", args=[batch.pk]), follow=True)
        assert said(response) == ["Undone: 1 email will not be sent."]
        again = page.post(reverse("take_batch_back", args=[batch.pk]), follow=True)
        assert said(again) == ["This was undone already: none of these emails is sent."]
        match.refresh_from_db()
        assert (states(), match.status, match.announced_at) == (["cancelled"], "draft", None)
        assert queue_mail(program, "match").queued == 1

    def test_too_late_is_too_late(self, page, program):
        MatchFactory(program=program)
        page.post(reverse("send_match"), {"seen": "1"})
        EmailBatch.objects.update(leaves_at=timezone.now())
        batch = EmailBatch.objects.get()
        response = page.post(reverse("take_batch_back", args=[batch.pk]), follow=True)
        assert said(response) == ["It is too late to undo: these emails are being sent."]
        assert states() == ["queued"]
        assert Match.objects.get().status == "announced"

    def test_more_than_twenty_want_the_number_typed(self, page, program):
        ParticipantFactory.create_batch(21, program=program)
        for typed in ("", "20"):
            response = page.post(reverse("send_survey"), {"seen": "21", "number": typed})
            assert response.context["problem"] == ("Type 21 to confirm.")
        assert EmailLog.objects.count() == 0
        page.post(reverse("send_survey"), {"seen": "21", "number": " 21 "})
        assert EmailLog.objects.count() == 21

    def test_a_number_that_has_changed_since_is_shown_again(self, page, program):
        ParticipantFactory.create_batch(2, program=program)
        response = page.post(reverse("send_survey"), {"seen": "1"})
        assert response.context["problem"] == (
            "The number of emails has changed since you looked. Look again, then send."
        )
        assert EmailLog.objects.count() == 0

    def test_what_somebody_else_changed_since_is_shown_again(self, page, program):
        match = MatchFactory(program=program, mentee__name="Chi")
        other = ParticipantFactory(program=program, mentee=True, name="Eve")
        address = reverse("send_match")

        def posted():
            shown = page.get(address).context["shown"]
            return {"seen": str(shown.emails), "mark": shown.mark}

        before = posted()
        text = default_text("match_in_person")
        EmailTemplateFactory(
            program=program, kind="match_in_person", subject=text.subject, body=f"New. {text.body}"
        )
        meanwhile = posted()
        Match.objects.filter(pk=match.pk).update(mentee=other)
        for seen in (before, meanwhile):
            response = page.post(address, seen)
            assert response.context["problem"] == (
                "Who gets it, or how it looks, has changed since you looked. Look again, then send."
            )
        assert EmailLog.objects.count() == 0
        page.post(address, posted())
        assert [
            ("New." in mail.text_body, "Eve" in mail.subject) for mail in EmailLog.objects.all()
        ] == [(True, True)]

    @pytest.mark.parametrize(
        ("seconds", "words"),
        [
            (120, "Sending starts 2 minutes later. Until then you can undo it."),
            (60, "Sending starts 1 minute later. Until then you can undo it."),
            (90, "Sending starts 90 seconds later. Until then you can undo it."),
            (0, "Sending starts at once."),
        ],
    )
    def test_says_how_long_it_can_be_undone(self, page, program, settings, seconds, words):
        settings.BULK_REST_SECONDS = seconds
        ParticipantFactory(program=program)
        assert words in page.get(reverse("send_survey")).content.decode()

    def test_the_progress_stops_asking_once_every_mail_has_its_end(self, page, program):
        ParticipantFactory(program=program)
        page.post(reverse("send_survey"), {"seen": "1"})
        address = reverse("mail_batch", args=[EmailBatch.objects.get().pk])
        assert b"hx-get" in page.get(address, headers={"HX-Request": "true"}).content
        EmailLog.objects.update(state="sent", sent_at=timezone.now())
        EmailBatch.objects.update(leaves_at=timezone.now())
        answer = page.get(address, headers={"HX-Request": "true"})
        assert b"hx-get" not in answer.content
        assert answer.context["states"] == [(1, "sent", "success")]


class TestAnnounceChosen:
    def test_leads_from_the_list_of_matches_to_their_mails_alone(self, page, program):
        chosen, other = MatchFactory.create_batch(2, program=program)
        response = page.post(
            reverse("admin:matching_match_changelist"),
            {"action": "announce_chosen", "_selected_action": [chosen.pk]},
        )
        assert response.url == f"{reverse('send_match')}?only={chosen.pk}"
        assert page.get(response.url).context["shown"].emails == 1
        page.post(response.url, {"seen": "1"})
        assert [mail.match for mail in EmailLog.objects.all()] == [chosen]
        assert set(Match.objects.filter(status="draft")) == {other}

    def test_another_programs_match_cannot_be_chosen(self, page):
        foreign = MatchFactory()
        address = f"{reverse('send_match')}?only={foreign.pk},x"
        assert page.get(address).context["shown"].emails == 0
        page.post(address, {"seen": "0"})
        assert EmailLog.objects.count() == 0


@pytest.mark.each
class TestOutbox:
    def mail(self, program, **details):
        return EmailLogFactory(program=program, **details)

    def test_lists_the_programs_mails_in_as_many_queries_however_many(
        self, page, program, django_assert_max_num_queries
    ):
        self.mail(ProgramFactory(), subject="Not ours")
        self.mail(program, subject="Ours")
        page.get(OUTBOX)
        with django_assert_max_num_queries(40) as few:
            page.get(OUTBOX)
        for _ in range(20):
            self.mail(program)
        with django_assert_max_num_queries(40) as many:
            response = page.get(OUTBOX)
        assert len(many) == len(few)
        assert response.context["cl"].result_count == 21
        assert b"Not ours" not in response.content

    def test_shows_each_state_with_its_number_and_the_scheduled_apart(self, page, program):
        self.mail(program, subject="Due", not_before=timezone.now())
        self.mail(program, subject="Later", not_before=timezone.now() + datetime.timedelta(days=1))
        self.mail(program, subject="Refused", state="failed")
        self.mail(ProgramFactory(), state="failed")
        shown = {
            view: [mail.subject for mail in page.get(OUTBOX, {"view": view}).context["cl"].queryset]
            for view in ("queued", "scheduled", "failed", "sent")
        }
        assert shown == {
            "queued": ["Due"],
            "scheduled": ["Later"],
            "failed": ["Refused"],
            "sent": [],
        }
        views = page.get(OUTBOX, {"view": "sent"}).context["views"]
        assert [(view["words"], view["count"], view["on"]) for view in views] == [
            ("All", 3, False),
            ("Queued", 1, False),
            ("Scheduled", 1, False),
            ("Failed", 1, False),
            ("Sent", 0, True),
        ]

    @pytest.mark.parametrize("words", ["Zoë", "zoe@old.example", "zoe@new.example", "Welcome"])
    def test_is_searched_by_name_subject_and_address_as_it_is_and_was(self, page, program, words):
        mail = self.mail(program, subject="Welcome", recipients=["zoe@old.example"])
        person = ParticipantFactory(program=program, name="Zoë", email="zoe@new.example")
        mail.people.add(person)
        self.mail(program, subject="Other")
        assert list(page.get(OUTBOX, {"q": words}).context["cl"].queryset) == [mail]

    def test_persons_page_lists_their_mails(self, page, program):
        person = ParticipantFactory(program=program)
        address = reverse("admin:mentorship_participant_change", args=[person.pk])
        assert f"{person} has not been emailed yet." in page.get(address).content.decode()
        self.mail(program, subject="For this person").people.add(person)
        self.mail(program, subject="For somebody else")
        shown = page.get(address).content.decode()
        assert ("For this person" in shown, "For somebody else" in shown) == (True, False)

    @pytest.mark.parametrize(
        ("do", "before", "after", "words"),
        [
            ("hold", "queued", "held", "Done: put on hold."),
            ("release", "held", "queued", "Done: release."),
            ("send_again", "failed", "queued", "Done: send again."),
            ("was_sent", "uncertain", "sent", "Done: mark as arrived."),
            ("cancel", "held", "cancelled", "Done: cancel."),
            (
                "hold",
                "sending",
                "sending",
                "The state of this email has changed. Look at it again, then decide.",
            ),
        ],
    )
    def test_a_decision_takes_one_step(self, page, program, do, before, after, words):
        mail = self.mail(program, state=before, claimed_at=timezone.now())
        address = reverse("decide_on_mail", args=[mail.pk])
        response = page.post(address, {"do": do}, follow=True)
        assert (said(response), states()) == ([words], [after])

    def test_several_mails_at_once(self, page, program):
        failed = self.mail(program, state="failed")
        held = self.mail(program, state="held")
        chosen = {"action": "send_again", "_selected_action": [failed.pk, held.pk]}
        response = page.post(OUTBOX, chosen, follow=True)
        assert said(response) == [
            "Send again: 1 of 2 chosen emails.",
            "The state of the others does not allow it.",
        ]
        assert states() == ["queued", "held"]

    def test_a_mail_is_shown_in_a_frame_that_can_do_nothing(self, page, program):
        mail = self.mail(program, html_body='<p onclick="x">"Hi" & bye</p><script>x</script>')
        page_of_it = page.get(reverse("admin:notifications_emaillog_change", args=[mail.pk]))
        assert page_of_it.context["frame"] == (
            '<iframe class="ml-frame" sandbox srcdoc="&lt;p onclick=&quot;x&quot;&gt;&quot;Hi'
            '&quot; &amp; bye&lt;/p&gt;&lt;script&gt;x&lt;/script&gt;" '
            'title="The email as HTML"></iframe>'
        )
        assert b"<script>x" not in page_of_it.content

    def test_nobody_else_reaches_a_mail_or_a_batch(self, client, program):
        outsider = MembershipFactory().user
        client.force_login(outsider, backend="django.contrib.auth.backends.ModelBackend")
        mail = self.mail(program)
        ParticipantFactory(program=program)
        batch = queue_mail(program, "survey", rest_seconds=60).batch
        assert (
            client.post(reverse("decide_on_mail", args=[mail.pk]), {"do": "hold"}).status_code
            == 404
        )
        assert client.get(reverse("mail_batch", args=[batch.pk])).status_code == 404
        assert client.post(reverse("take_batch_back", args=[batch.pk])).status_code == 404
        shown = client.get(reverse("admin:notifications_emaillog_change", args=[mail.pk]))
        assert shown.status_code == 302
        assert states() == ["queued", "queued"]
        client.logout()
        sign_in = reverse("admin:login")
        for name in ("send_mail", "send_survey", "mail_texts"):
            address = reverse(name)
            assert client.get(address).url == f"{sign_in}?next={address}"


class TestTexts:
    def save(self, page, **typed):
        """Save what is typed as somebody does who has just opened the page."""
        address = reverse("mail_text", args=["survey"])
        newest = page.get(address).context["newest"]
        return page.post(address, {"subject": "Hi", "version": newest, **typed})

    def test_an_edit_is_saved_shown_in_the_history_and_set_back(self, page, program, member):
        address = reverse("mail_text", args=["survey"])
        self.save(page, body="Dear {{ person.name }}")
        own = EmailTemplate.objects.get()
        assert (own.program, own.kind, own.subject, own.body) == (
            program,
            "survey",
            "Hi",
            "Dear {{ person.name }}",
        )
        page.post(address, {"default": "yes"})
        assert EmailTemplate.objects.count() == 0
        versions = page.get(address).context["versions"]
        assert [(v.is_default, v.text, v.by) for v in versions] == [
            (True, default_text("survey"), member),
            (False, MailText("Hi", "Dear {{ person.name }}"), member),
        ]

    def test_the_history_shows_what_each_change_was(self, page):
        address = reverse("mail_text", args=["survey"])
        for body in ("one\ntwo\nthree\nfour\nfive\n", "one\n2\nthree\nfour\n5\n"):
            self.save(page, body=body)
        self.save(page, subject="Ho", body="one\n2\nthree\nfour\n5\n")
        newest, before, _ = page.get(address).context["versions"]
        assert newest.changes == [("-", "Subject: Hi"), ("+", "Subject: Ho"), (" ", "one")]
        assert before.changes == [
            (" ", "one"),
            ("-", "two"),
            ("+", "2"),
            (" ", "three"),
            (" ", "four"),
            ("-", "five"),
            ("+", "5"),
        ]
        shown = page.get(address).content.decode()
        assert ("<del>- two</del>" in shown, "<ins>+ 2</ins>" in shown) == (True, True)

    def test_an_older_version_is_restored_as_a_new_one(self, page, program):
        address = reverse("mail_text", args=["survey"])
        self.save(page, body="one")
        self.save(page, body="two")
        oldest = page.get(address).context["versions"][-1]
        self.save(page, body="unsaved", restore=oldest.key)
        assert EmailTemplate.objects.get().body == "one"
        texts = [version.text.body for version in page.get(address).context["versions"]]
        assert texts == ["one", "two", "one"]

    def test_no_other_kinds_and_no_other_programs_version_is_restored(self, page, program):
        foreign = EmailTemplateFactory(kind="survey").history.get()
        other_kind = EmailTemplateFactory(program=program, kind="feedback").history.get()
        for version in (foreign.pk, other_kind.pk, "x", "9" * 30):
            assert self.save(page, restore=version).status_code == 404
        assert not program.email_templates.filter(kind="survey").exists()

    def test_what_somebody_else_saved_meanwhile_is_not_lost_unseen(self, page, program):
        self.save(page, body="one")
        address = reverse("mail_text", args=["survey"])
        stale = {"subject": "Hi", "body": "mine", "version": "0"}
        response = page.post(address, stale)
        (sentence,) = response.context["wrong"]
        assert sentence.startswith("Somebody else saved this template while you were editing it")
        assert response.context["body"] == "mine"
        assert EmailTemplate.objects.get().body == "one"
        page.post(address, {**stale, "version": response.context["newest"]})
        assert EmailTemplate.objects.get().body == "mine"

    def test_a_mistake_is_told_and_what_was_typed_stays(self, page, program):
        typed = {"subject": "Hi", "body": "Dear\n{{ person.nam }}", "version": "0"}
        response = page.post(reverse("mail_text", args=["survey"]), typed)
        sentence = (
            "Line 2: There is no placeholder {{ person.nam }} for this kind of email. "
            "Did you mean {{ person.name }}?"
        )
        assert (response.context["wrong"], response.context["body"]) == ([sentence], typed["body"])
        assert EmailTemplate.objects.count() == 0
        preview = page.post(reverse("mail_text_preview", args=["survey"]), typed)
        assert [str(mistake) for mistake in preview.context["mistakes"]] == [sentence]

    @pytest.mark.parametrize(
        ("sample", "words"),
        [("plain", "One of you"), ("both", "Both of you"), ("nonsense", "One of you")],
    )
    def test_the_preview_is_of_the_sample_that_is_chosen(self, page, program, sample, words):
        body = "{% if match.virtual == 'both' %}Both{% else %}One{% endif %} of you"
        typed = {"subject": "{{ mentor.name }}", "body": body, "sample": sample}
        preview = page.post(reverse("mail_text_preview", args=["match_call"]), typed)
        assert preview.context["mail"].text == f"{words}\n"
        assert preview.context["mail"].subject == "Robin Example"

    def test_the_list_shows_each_subject_as_people_would_get_it(self, page, program):
        EmailTemplateFactory(program=program, kind="feedback", subject="Bye {{ person.called }}")
        EmailTemplateFactory(program=program, kind="role")
        EmailTemplate.objects.filter(kind="role").update(subject="{{ gone }}")
        texts = page.get(reverse("mail_texts")).context["texts"]
        subjects = {text["kind"].value: text["subject"] for text in texts}
        assert subjects["survey"].startswith(f"{program} mentorship: three minutes")
        assert subjects["match_call"] == f"{program} mentorship: Robin Example, meet Kim Sample"
        assert subjects["feedback"] == "Bye Robin"
        assert subjects["role"] == "{{ gone }}"

    @pytest.mark.slow
    def test_every_text_can_be_opened(self, page, program):
        for text in page.get(reverse("mail_texts")).context["texts"]:
            opened = page.get(reverse("mail_text", args=[text["kind"].value]))
            assert opened.context["mistakes"] == []
            assert opened.context["wrong"] == []


def test_an_announcement_of_chosen_matches_leaves_the_others_alone(program):
    chosen, other = MatchFactory.create_batch(2, program=program)
    done = queue_mail(program, "match", rest_seconds=120, only=[chosen.pk])
    assert done.as_dict() == {"queued": 1, "left_out": []}
    assert done.batch.leaves_at > timezone.now() + datetime.timedelta(seconds=100)
    assert [m.match for m in EmailLog.objects.all()] == [chosen]
    other.refresh_from_db()
    assert other.status == "draft"

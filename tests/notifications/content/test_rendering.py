"""Mail texts: what comes of them, what is refused, and what hostile words can not do."""

import datetime
import html
import re
from email import message_from_bytes, policy

import pytest
from django.core.exceptions import ValidationError
from hypothesis import example, given
from hypothesis import strategies as st

from notifications.domain.content import pair_placeholders, placeholders
from notifications.domain.content.escaping import Link, Mailbox, PersonAddress, Trusted
from notifications.domain.content.placeholders import BY_KIND
from notifications.domain.content.rendering import render
from notifications.domain.content.templates import (
    back_to_default,
    default_text,
    save_text,
    text_for,
)
from notifications.domain.content.validation import missing_link, mistakes
from notifications.domain.outbox.queueing import Renderer
from notifications.domain.reasons import Candidate
from notifications.domain.transport.message import build_message, message_id
from notifications.models import EmailLog, EmailTemplate, Kind
from tests.factories import (
    ConcernFactory,
    EmailTemplateFactory,
    MatchFactory,
    MeetingFactory,
    ProgramFactory,
    SurveyResponseFactory,
)


def without_initials(text: str) -> str:
    """The same without what only looks like an address: J.R. as in J.R. Smith."""
    initials = r"(?<![\w@./:-])(?:[^\W\d_]\.)+[^\W\d_](?![\w@:/-])"
    return re.sub(initials, lambda found: "" if found[0].isupper() else found[0], text)


def body_of(source, **values):
    """The HTML within the page that every mail has, and the text."""
    mail = render("x", source, values)
    inside = re.search(r"margin:0 auto\">\n(.*)</div></body></html>\n$", mail.html, re.DOTALL)
    return inside[1], mail.text


class TestMarkdown:
    def test_becomes_html_and_readable_text(self):
        source = (
            "# Hello\n\nOne *two*\nthree\\\nfour.\n\n- a\n- b\n\n1. x\n2. y\n\n> said\n\n---\n\n"
            "[Answer]({{ link }})\n\nRead [this](https://a.example/b) now, {{ link }} too.\n"
        )
        made, text = body_of(source, link=Link("https://x.example/?a=1&b=2"))
        anchor = '<a href="https://x.example/?a=1&amp;b=2" rel="noopener noreferrer">'
        assert made == (
            "<h1>Hello</h1>\n<p>One <em>two</em>\nthree<br>\nfour.</p>\n"
            "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n<ol>\n<li>x</li>\n<li>y</li>\n</ol>\n"
            "<blockquote>\n<p>said</p>\n</blockquote>\n<hr>\n"
            f"<p>{anchor}Answer</a></p>\n"
            '<p>Read <a href="https://a.example/b" rel="noopener noreferrer">this</a> now, '
            f"{anchor}https://x.example/?a=1&amp;b=2</a> too.</p>\n"
        )
        assert text == (
            "Hello\n\nOne two three\nfour.\n\n- a\n- b\n\n1. x\n2. y\n\n> said\n\n-----\n\n"
            "Answer:\nhttps://x.example/?a=1&b=2\n\n"
            "Read this (https://a.example/b) now, https://x.example/?a=1&b=2 too.\n"
        )

    def test_scripts_and_images_of_the_committee_do_not_come_through_either(self):
        made, _ = body_of("<script>x</script> ![p](https://a.example/p.png) [j](javascript:x)")
        assert made == (
            "<p>&lt;script&gt;x&lt;/script&gt; "
            '!<a href="https://a.example/p.png" rel="noopener noreferrer">p</a> '
            "[j](javascript:x)</p>\n"
        )

    def test_a_line_of_conditions_only_leaves_no_gap(self):
        source = "a\n{% if yes %}\nb\n{% endif %}\nc {% if yes %}d{% endif %}\n\ne\n"
        assert body_of(source, yes=True)[1] == "a b c d\n\ne\n"
        assert body_of(source, yes=False)[1] == "a c\n\ne\n"


class TestWords:
    def test_the_committees_words_and_addresses_are_escaped_and_linked(self):
        made, text = body_of(
            "{{ name }} {{ box }} {{ nothing }}.",
            name=Trusted("A & *B*"),
            box=Mailbox("us@conf.example"),
            nothing=Mailbox(""),
        )
        assert made == (
            '<p>A &amp; *B* <a href="mailto:us@conf.example" rel="noopener noreferrer">'
            "us@conf.example</a> .</p>\n"
        )
        assert text == "A & *B* us@conf.example .\n"

    def test_a_persons_address_can_be_copied_and_is_no_link(self):
        made, text = body_of("{{ email }}", email=PersonAddress("a.b@c.example"))
        assert made == "<p><bdi>a.b@c.example</bdi></p>\n"
        assert text == "a.b@c.example\n"

    @pytest.mark.parametrize(
        ("words", "shown"),
        [
            ("Zoë O’Brien-Smith, Ph.D", "Zoë O’Brien-Smith, Ph.\u200bD"),
            ("J.R. Smith", "J.R. Smith"),
            ("Å.J.R. Smith, x.AB", "Å.J.R. Smith, x.\u200bAB"),
            ("J.RU K.L/x a@J.R", "J.\u200bRU K.\u200bL/x a@\u200bJ.\u200bR"),
            ("J. R. Ω", "J. R. Ω"),
            ("Version 3.11", "Version 3.11"),
            ("see https://evil.example/x", "see https:\u200b//evil.\u200bexample/x"),
            ("evil.example", "evil.\u200bexample"),
            ("me@evil.example", "me@\u200bevil.\u200bexample"),
            ("mailto:me", "mailto:\u200bme"),
            ("two\r\nlines\x00 and\u2028more", "two lines and more"),
            ("abc\u202egnp.exe", "abcgnp.\u200bexe"),
        ],
    )
    def test_other_peoples_words_are_text(self, words, shown):
        made, text = body_of("{{ words }}", words=words)
        assert made == f"<p><bdi>{shown}</bdi></p>\n"
        assert text == f"{shown}\n"


NASTY = st.one_of(
    st.text(max_size=60),
    st.lists(
        st.sampled_from(
            [
                "\r\nBcc: all@evil.example", "\n.\n", "<script>", "<a href='https://e.example'>",
                "[x](https://e.example)", "![x](https://e.example)", "https://e.example/",
                "www.e.example", "me@e.example", "mailto:me@e.example", "{{ program.name }}",
                "{% include 'x' %}", "{{ person.link }}", "zqplace0zq", "zqplace1zq", "\u202e",
                "\u2066", "\x00", "&lt;", "**", "`", "> ", "# ", "- ", "</p>", "</bdi>", "\\",
                "\u2028", "=?utf-8?q?x?=", "%0d%0a", "javascript:x", "\ud800", "A", " ",
            ]
        ),
        max_size=8,
    ).map("".join),
)  # fmt: skip
TEXT = "Hello *{{ person.name }}*, {{ person.called }}: [go]({{ person.link }})\n\n> {{ note }}\n"
LINK = Link("https://site.example/p/key/")


class TestHostileWords:
    @given(name=NASTY, called=NASTY, note=NASTY)
    @example(name="A" * 10_000, called="<b>" * 3_334, note="a.b " * 2_500)
    def test_no_markup_link_header_or_placeholder_comes_of_them(self, name, called, note):
        values = {"person": {"name": name, "called": called, "link": LINK}, "note": note}
        mail = render("For {{ person.name }}", TEXT, values)

        tags = re.findall(r"<[^>]*>", mail.html.split('margin:0 auto">', 1)[1])
        anchor = f'<a href="{LINK}" rel="noopener noreferrer">'
        assert tags == [
            "<p>", "<em>", "<bdi>", "</bdi>", "</em>", "<bdi>", "</bdi>", anchor, "</a>", "</p>",
            "<blockquote>", "<p>", "<bdi>", "</bdi>", "</p>", "</blockquote>", "</div>",
            "</body>", "</html>",
        ]  # fmt: skip
        words = html.unescape(re.sub(r"<[^>]*>", "", mail.html)).replace(LINK, "")
        for shown in map(without_initials, (words, mail.text.replace(LINK, ""))):
            assert not re.search(r"://|mailto:\w|[^\W\d][.@]\w|[\x00-\x09\x0b-\x1f]", shown)
            assert not re.search("[\u202a-\u202e\u2066-\u2069]", shown)
        # As many lines as the text itself has: nobody can write a paragraph of their own.
        assert mail.text.count("\n") == 3

        assert "\n" not in mail.subject
        assert len(mail.subject) <= 200

    @pytest.mark.django_db
    @given(name=NASTY)
    def test_the_message_has_the_headers_that_it_should_and_no_more(self, name):
        subject = render("For {{ name }}", "x", {"name": name}).subject
        mail = EmailLog(
            pk=1, program=_program(), kind="survey", recipients=["a@mail.example"],
            subject=subject, text_body="x", html_body="x", reply_to="us@conf.example",
        )  # fmt: skip
        mail.message_id = message_id(mail)
        message = message_from_bytes(
            build_message(mail).message().as_bytes(), policy=policy.default
        )
        assert sorted(name for name in message if name != "Content-Transfer-Encoding") == [
            "Auto-Submitted", "Content-Type", "Date", "From", "MIME-Version", "Message-ID",
            "Reply-To", "Subject", "To",
        ]  # fmt: skip
        assert message["To"] == "a@mail.example"


def _program():
    from mentorship.models import Program

    return Program(name="Conf", slug="conf", committee_name="Committee")


class TestChecking:
    @pytest.mark.parametrize("kind", Kind.values)
    def test_every_default_text_can_be_used(self, kind):
        text = default_text(kind)
        assert mistakes(kind, text.subject, text.body) == []
        assert missing_link(kind, text.body) == ""

    def test_a_text_that_asks_for_something_needs_a_link(self):
        assert missing_link(Kind.REMINDER, "Hi {{ person.called }}, please answer.") == (
            "“Survey reminder” has no link to the page that it asks people to open. "
            "Add {{ person.link }}."
        )
        assert missing_link(Kind.UNMATCHED_MENTOR, "Sorry!") == ""

    @pytest.mark.parametrize(
        ("body", "found"),
        [
            (
                "Hi\n\n{{ program.nmae }}",
                "Line 3: There is no placeholder {{ program.nmae }} for this kind of email. "
                "Did you mean {{ program.name }}?",
            ),
            (
                "{{ mentor.name }}",
                "Line 1: There is no placeholder {{ mentor.name }} for this kind of email. "
                "Did you mean {{ person.name }}?",
            ),
            (
                "{% if persn.called %}x{% endif %}",
                "Line 1: There is no placeholder {{ persn.called }} for this kind of email. "
                "Did you mean {{ person.called }}?",
            ),
            (
                "{{ person.name.__class__.mro }}",
                "Line 1: There is no placeholder {{ person.name.__class__.mro }} for this kind of "
                "email. Did you mean {{ person.name }}?",
            ),
            (
                "a\n{% for x in y %}{% endfor %}",
                "Line 2: This does not work in an email template. Write placeholders as "
                "{{ program.name }} and conditions as {% if … %} … {% endif %}.",
            ),
            (
                "a\n\n{{ program.name }",
                "Line 3: Unexpected '}'. Write placeholders as {{ program.name }} and conditions "
                "as {% if … %} … {% endif %}.",
            ),
            (
                "{{ program.name|safe }}",
                "Line 1: Use one of these filters: capitalize, default, lower, title, trim, upper.",
            ),
            (
                "a\n[you]({{ person.name }})",
                "Line 2: A link needs one placeholder that is a link, such as "
                "[your page]({{ person.link }}).",
            ),
            (
                "{% if person.role == 'x' %}[you](https://a.example/{{ person.name }}){% endif %}",
                "Line 1: A link needs one placeholder that is a link, such as "
                "[your page]({{ person.link }}).",
            ),
            (" \n", "Line 1: Write something here."),
        ],
    )
    def test_says_what_is_wrong_and_on_which_line(self, body, found):
        assert [str(mistake) for mistake in mistakes(Kind.SURVEY, "Hello", body)] == [found]

    def test_a_mistake_in_the_subject_is_found_too(self):
        assert [str(m) for m in mistakes(Kind.SURVEY, "{{ program.nam }}", "x")] == [
            "Subject: There is no placeholder {{ program.nam }} for this kind of email. "
            "Did you mean {{ program.name }}?"
        ]


@pytest.mark.django_db
class TestTexts:
    def test_a_program_has_the_default_until_it_has_its_own_and_can_go_back(self):
        program = ProgramFactory()
        assert text_for(program, Kind.SURVEY) == default_text(Kind.SURVEY)
        save_text(program, Kind.SURVEY, subject="Hi\n {{ person.called }}", body="One\r\n\r\nTwo")
        own = text_for(program, Kind.SURVEY)
        assert (own.subject, own.body) == ("Hi {{ person.called }}", "One\n\nTwo")
        back_to_default(program, Kind.SURVEY)
        assert text_for(program, Kind.SURVEY) == default_text(Kind.SURVEY)
        kept = EmailTemplate.history.order_by("history_id").values_list("history_type", "body")
        assert list(kept) == [("+", "One\n\nTwo"), ("-", "One\n\nTwo")]

    def test_a_text_with_a_mistake_is_not_saved_by_whatever_way(self):
        program = ProgramFactory()
        wrong = {"subject": "Hi", "body": "{{ person.nam }}"}
        message = (
            "Line 1: There is no placeholder {{ person.nam }} for this kind of email. "
            "Did you mean {{ person.name }}?"
        )
        for save in (
            lambda: save_text(program, Kind.SURVEY, **wrong),
            lambda: EmailTemplateFactory(program=program, **wrong),
            lambda: EmailTemplate(program=program, kind="survey", **wrong).save(),
        ):
            with pytest.raises(ValidationError) as refused:
                save()
            assert refused.value.message_dict == {"body": [message]}
        assert EmailTemplate.objects.count() == 0

    def test_each_placeholder_has_a_value(self):
        match = MatchFactory(program__announce_on=datetime.date(2083, 7, 5))
        concern = ConcernFactory(participant=match.mentor)
        meeting = MeetingFactory(match=match)
        values = {
            "program": placeholders.of_program(match.program),
            "person": placeholders.of_person(match.mentor)
            | {"has_match": placeholders.has_match(match.mentor)},
            "partner": placeholders.of_partner(match.mentor, match),
            "concern": placeholders.of_concern(concern),
            "meeting": placeholders.of_hour(match.mentor, meeting),
            "ask": placeholders.of_ask(match.mentor),
            "signup": placeholders.of_signup("token"),
            **pair_placeholders.of_pair(match, None),
            "mentees": pair_placeholders.of_mentees([match], {}),
            "receipt": placeholders.of_receipt(SurveyResponseFactory(participant=match.mentor)),
        }
        values["match"] |= placeholders.of_match(match.mentor, match)
        for kind in Kind.values:
            for name in BY_KIND[kind]:
                front, back = name.split(".")
                assert isinstance(values[front][back], str), name

    def test_the_facts_of_a_match_mail(self):
        match = MatchFactory(
            program__name="Conf 2083",
            program__contact_by=datetime.date(2083, 7, 13),
            program__committee_name="Conf 2083 Activities Committee",
            program__committee_people="Ann, Bob",
            program__code_of_conduct_url="https://conf.example/conduct",
            mentor__name="Max Planck",
            mentee__name="Emmy Noether",
            mentee__signup_attendance="virtual",
        )
        people = (match.mentor, match.mentee)
        mail = Renderer(match.program).render(Candidate(Kind.MATCH_CALL, 1, people, match=match))
        for fact in (
            "Max Planck", "Emmy Noether", match.mentor.email, match.mentee.email, "Conf 2083",
            "at least an hour", "July 12 to 18, 2083",
            "One of you is attending the conference virtually",
            "set up a call", "Jitsi: https://meet.jit.si/", "no official schedule",
            "Don't be shy", "by Tuesday, July 13", "mentors@conf.example",
            "https://conf.example/conduct", "areas of work, professional interests, "
            "and employment sectors", "Ann, Bob\nConf 2083 Activities Committee",
        ):  # fmt: skip
            assert fact in mail.text

    @pytest.mark.parametrize("kind", Kind.values)
    def test_a_program_without_days_or_names_reads_well(self, kind):
        match = MatchFactory(program__contact_email="")
        concern = ConcernFactory(participant=match.mentor)
        response = SurveyResponseFactory(participant=match.mentor, role="mentor")
        people = (match.mentor, match.mentee)
        mail = Renderer(match.program).render(
            Candidate(
                kind,
                1,
                people,
                match=match,
                concern=concern,
                response=response,
                hour=MeetingFactory(match=match),
                token="t",
            )
        )
        for text in (mail.subject, mail.text):
            assert not re.search(r"  | [.,;:)]|\(\)|\b(by|around)[.,]|[ .,]\n\n\n", text)
        assert "reply to this email" in mail.text
        assert re.match(r"Hi .+,\n\n[A-Z]", mail.text)

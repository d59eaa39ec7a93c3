"""The guide for the committee: each page's help is there, and what the guide names is, too."""

import ast
import html
import re
from fnmatch import fnmatch

import pytest
from django.contrib.staticfiles import finders
from django.urls import get_resolver, resolve, reverse
from markdown_it import MarkdownIt

from committee.interfaces import sidebar
from committee.interfaces.guide.pages import FOLDER, PAGES, address_of, read_page, render_page
from committee.interfaces.guide.sections import SECTIONS, section_of
from tests.committee.access.addresses import all_addresses, filled, named
from tests.committee.access.programs import seed
from tests.factories import UserFactory
from tests.repository.links import anchors
from tests.repository.tree import PRODUCT, ROOT, Tree

BACKEND = "django.contrib.auth.backends.ModelBackend"
# Pages of the framework that are the same for each model.
REPEATED = re.compile(r"admin:(?!mentorship_participant).*_(delete|history)$")
HELP = re.compile(r'class="cm-help" href="([^"]+)"')


@pytest.fixture
def seeded():
    return seed("Quokka", 18702021)


@pytest.fixture
def member(client, seeded):
    client.force_login(seeded.users["chair"], backend=BACKEND)
    return seeded.users["chair"]


def opened(seeded):
    """Return each address that has a name, with that and filled with what is the program's."""
    paths = [filled(address, seeded.blanks) for address in all_addresses()]
    names = [(resolve(path).view_name, path) for path in paths if "logout" not in path]
    return [(name, path) for name, path in names if name]


def names_below_committee():
    return {name for name, _ in named(get_resolver().url_patterns)} - {
        name for name, _ in named(public_patterns())
    }


def public_patterns():
    return [
        pattern
        for pattern in get_resolver().url_patterns
        if not str(pattern.pattern).startswith("committee/")
    ]


# Which page is about what


def test_anchors_are_those_that_other_places_make_of_the_headings():
    for name in PAGES:
        made = [section.anchor for section in read_page(name).sections]
        assert len(made) == len(set(made))
        assert set(made) <= anchors((FOLDER / f"{name}.md").read_text())


def test_every_address_of_the_committee_has_its_section():
    there = {section.anchor for section in read_page("committee").sections}

    assert set(SECTIONS) <= there
    assert {name for name in names_below_committee() if section_of(name) not in there} == set()
    assert section_of("home") == section_of("") == ""
    assert section_of("admin:mentorship_participant_change") == "people"
    assert section_of("admin:mentorship_participant_export") == "lists-as-files"


def test_every_section_is_about_pages_that_exist():
    known = names_below_committee()
    known |= {name.removesuffix("_changelist") for name in known if name.startswith("admin:")}

    named = [name for names in SECTIONS.values() for name in names]
    assert len(named) == len(set(named))
    assert set(named) - known == set()
    # Each chapter is the help of some page, by itself or by one of the sections in it.
    about: dict[str, bool] = {}
    for section in read_page("committee").sections:
        if section.level == 2:
            chapter = section.anchor
        about[chapter] = about.get(chapter, False) or section.anchor in SECTIONS
    assert [chapter for chapter, is_about in about.items() if not is_about] == [
        "the-year-at-a-glance"
    ]


@pytest.mark.slow
@pytest.mark.django_db
def test_help_on_every_page_leads_to_a_section(client, member, seeded):
    guide = client.get(reverse("guide")).content.decode()
    pages, wrong = 0, []

    for name, address in opened(seeded):
        if REPEATED.match(name):
            continue
        answer = client.get(address)
        page = b"".join(answer).decode(errors="ignore") if answer.status_code == 200 else ""
        if 'id="page-content"' not in page or "login" in page.split("<body", 1)[1][:200]:
            continue
        pages += 1
        found = HELP.findall(page)
        guide_address, _, anchor = found[0].partition("#") if found else ("", "", "")
        if len(found) != 1 or guide_address != reverse("guide") or f'id="{anchor}"' not in guide:
            wrong.append((name, found))

    assert wrong == []
    assert pages > 60
    assert (
        'href="/committee/guide/#people"'
        in client.get(reverse("admin:mentorship_participant_changelist")).content.decode()
    )


@pytest.mark.django_db
def test_the_guide_leads_to_the_pages_of_the_sidebar(client, member, seeded):
    page = client.get(reverse("guide")).content.decode()

    opened_from_guide = re.findall(r'<a class="cm-button" href="([^"]+)"', page)

    assert reverse("matching_board") in opened_from_guide
    assert reverse("admin:mentorship_membership_changelist") in opened_from_guide
    assert set(opened_from_guide) <= {address for _, address in opened(seeded)}


@pytest.mark.django_db
def test_the_guide_is_there_for_members_of_no_program_and_for_nobody_else(client):
    client.force_login(UserFactory(is_staff=True), backend=BACKEND)
    assert client.get(reverse("guide")).status_code == 200
    assert client.get(address_of("mail")).status_code == 200
    assert client.get(reverse("guide_page", args=["developer"])).status_code == 404
    assert client.post(reverse("guide")).status_code == 405

    client.logout()
    assert client.get(reverse("guide")).status_code == 302


# What a page is made of


def parts_of(page):
    return "".join([str(page.opening), *(str(section.html) for section in page.sections)])


def test_every_link_and_picture_in_the_pages_leads_somewhere():
    ids = {
        address_of(name): {section.anchor for section in read_page(name).sections}
        | set(re.findall(r'id="([^"]+)"', parts_of(read_page(name))))
        for name in PAGES
    }
    pictures, links, dead = 0, 0, []

    for name in PAGES:
        text = parts_of(read_page(name))
        for source in re.findall(r'<img src="([^"]+)"', text):
            pictures += 1
            if not finders.find(source.removeprefix("/static/")):
                dead.append((name, source))
        for target in re.findall(r'href="([^"]+)"', text):
            links += 1
            address, _, anchor = target.partition("#")
            if target.startswith("https://") or f'<img src="{target}"' in text:
                continue
            own = ids.get(address or address_of(name))
            if own is None or (anchor and anchor not in own):
                dead.append((name, target))

    assert dead == []
    assert pictures > 15
    assert links > 10


def test_pictures_say_how_large_they_are_and_what_they_show():
    for picture in re.findall(r"<img [^>]+>", parts_of(read_page("committee"))):
        assert re.search(r'alt="[^"]{10,}"', picture), picture
        assert re.search(r'width="\d+"', picture), picture
        assert 'loading="lazy"' in picture, picture


HOSTILE = """Before the first heading.

# Title

<script>alert(1)</script>

## One *two*

[bad](javascript:alert(1)) [mail](mail.md#texts) [host](host.md) [here](#one-two)
<img src=x onerror=alert(1)> <b onclick="alert(1)">bold</b> <a id="own"></a>

```mermaid
graph
```

### One two

| a |
|---|
| <iframe src="https://example.org"></iframe>b |
"""


def test_nothing_but_words_links_tables_and_pictures_is_left():
    page = render_page(HOSTILE, "committee")

    assert page.title == "Title"
    assert [(s.anchor, s.level, s.title) for s in page.sections] == [
        ("one-two", 2, "One two"),
        ("one-two-1", 3, "One two"),
    ]
    first, second = (str(section.html) for section in page.sections)
    mail = reverse("guide_page", args=["mail"])
    assert first == (
        '<p>[bad](javascript:alert(1)) <a href="'
        f'{mail}#texts" rel="noopener noreferrer">mail</a> host '
        '<a href="#one-two" rel="noopener noreferrer">here</a>\n'
        '<img src="x"> bold <a id="own" rel="noopener noreferrer"></a></p>\n'
    )
    assert str(page.opening).strip() == ""
    assert '<div class="gd-wide" tabindex="0" role="group" aria-label="Table"><table>' in second
    assert "iframe" not in second


def test_everything_the_pages_need_is_where_the_application_runs():
    """The image has what .dockerignore does not leave out."""
    ignored = (ROOT / ".dockerignore").read_text().split()
    needed = [f"docs/{name}.md" for name in PAGES]
    needed += [path for path in Tree().paths() if path.startswith("docs/pictures/")]

    left_out = [
        (path, pattern)
        for path in needed
        for pattern in ignored
        for part in (path, "docs", "docs/pictures")
        if fnmatch(part, pattern.strip("/"))
    ]

    assert len(needed) > 15
    assert left_out == []
    assert ".git" in ignored


# What the guide calls by name

# Words of other products, in the sections about their exports and links.
FOREIGN = ("which-export-to-download", "connect-pretix", "follow-a-sheet")
TAG = re.compile(r"<[^>]*>|\{%.*?%\}|\{#.*?#\}|\{\{.*?\}\}", re.DOTALL)
LABEL = re.compile(r'(?:aria-label|title|placeholder|value|alt)="([^"{]+)"')
LITERAL = re.compile(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`")


def plain(words):
    return html.unescape(words).replace("’", "'").strip(" \n…:.,?").lower()


def names_in(text):
    """Return what the guide calls by name: each emphasis, and each part of a way through pages."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    names, section = [], ""
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            section = tokens[index + 1].content.lower().replace(" ", "-")
        children = token.children or [] if section not in FOREIGN else []
        inside = False
        for child in children:
            if child.type == "em_open":
                names.append("")
            elif inside:
                names[-1] += child.content or " "
            inside = child.type == "em_open" or (inside and child.type != "em_close")
    return [part for name in names for part in name.strip().split(" → ")]


@pytest.fixture
def said_by_the_product(client, member):
    """Everything that pages, files and messages say, each piece by itself."""
    said = set()
    for path, text in Tree().texts(".html"):
        if path.startswith("templates/"):
            said |= {plain(piece) for piece in TAG.split(text)}
            said |= {plain(label) for label in LABEL.findall(text)}
    for _, module in Tree().modules(*PRODUCT):
        for node in ast.walk(module):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                said |= {plain(piece) for piece in re.split(r"\{\w*\}|[<>]", node.value)}
    for path, text in Tree().texts(".js"):
        if path.startswith("static/"):
            said |= {plain(next(filter(None, found), "")) for found in LITERAL.findall(text)}
    # Unfold's and import-export's own words are on their pages.
    people = client.get(reverse("admin:mentorship_participant_changelist")).content.decode()
    said |= {plain(piece) for piece in TAG.split(people)}
    return said


@pytest.mark.slow
@pytest.mark.once
@pytest.mark.django_db
def test_what_the_guide_calls_by_name_is_called_so_in_the_product(said_by_the_product):
    names = names_in((FOLDER / "committee.md").read_text())

    assert len(names) > 80
    assert [name for name in names if plain(name) not in said_by_the_product] == []
    assert plain("No such button") not in said_by_the_product


@pytest.mark.django_db
def test_what_waits_is_counted_once_for_the_guide_and_its_frame(client, member, monkeypatch):
    counted = []
    real = sidebar.badges
    monkeypatch.setattr(
        sidebar, "badges", lambda *args, **kwargs: counted.append(args) or real(*args, **kwargs)
    )

    page = client.get(reverse("guide"))

    assert len(counted) == 1
    [opened] = [
        [str(page["title"]) for page in pages]
        for section, pages in page.context["sections"]
        if section.anchor == "the-matching-board"
    ]
    assert opened == ["Matching board", "Matches"]

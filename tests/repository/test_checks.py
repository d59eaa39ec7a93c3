"""Each check of the repository finds a planted example, and not what only looks like one."""

from __future__ import annotations

import grimp
import pytest

from tests.repository import __main__ as command
from tests.repository import caches, files, links, names, rooms, security, words
from tests.repository.tree import Hit, Tree


@pytest.fixture
def planted(tmp_path):
    """Write files into a tree of their own: `planted({path: text})`."""

    def write(contents: dict[str, str]) -> Tree:
        for path, text in contents.items():
            place = tmp_path / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, encoding="utf-8")
        return Tree(tmp_path)

    return write


def found(check, tree):
    return [(hit.path, hit.line, hit.reason) for hit in sorted(set(check(tree)))]


def said(tree):
    """Return path, line and word of each banned word."""
    return [(path, line, reason.split('"')[1]) for path, line, reason in found(words.words, tree)]


def test_conflict_marks(planted):
    marks = f"one\n{'<' * 7} HEAD\ntwo\n{'=' * 7}\nthree\n{'>' * 7} 346a595 (Tell)\n"

    tree = planted({"docs/a.md": marks, "docs/b.md": f"Heading\n{'=' * 7}\n<<< not one\n"})

    assert found(files.conflicts, tree) == [
        ("docs/a.md", 2, "a merge-conflict mark"),
        ("docs/a.md", 6, "a merge-conflict mark"),
    ]


def test_notes_outside_the_tree(planted):
    tree = planted({"matching/a.py": f'"""As {"DESIGN"} §5 says."""\n', "README.md": "A DESIGN.\n"})

    assert found(files.outside_notes, tree) == [
        ("matching/a.py", 1, "refers to a note that is not in the tree")
    ]


def test_modules_that_look_like_tests(planted):
    tree = planted(
        dict.fromkeys(
            [
                "matching/domain/test_mails.py",
                "committee/tests.py",
                "mentorship/testing.py",
                "tests/test_a.py",
                "notifications/send_test_mail.py",
            ],
            "",
        )
    )

    assert found(files.disguised, tree) == [
        ("committee/tests.py", 0, "looks like a test and is none"),
        ("matching/domain/test_mails.py", 0, "looks like a test and is none"),
    ]


def test_crowded_folders(planted):
    full = [f"full/m{number}.py" for number in range(15)] + ["full/__init__.py", "full/a.html"]
    crowded = [f"crowded/m{number}.py" for number in range(16)]
    history = [f"mentorship/migrations/m{number}.py" for number in range(16)]

    tree = planted(dict.fromkeys(full + crowded + history, ""))

    assert found(files.folders, tree) == [("crowded", 0, "16 modules, at most 15")]


def test_class_names_used_twice(planted):
    twice = "class Row:\n    class Meta: ...\n"
    tree = planted(
        {
            "matching/a.py": twice,
            "mentorship/b.py": f"if True:\n    {twice.splitlines()[0]} ...\n",
            "committee/management/commands/one.py": "class Command: ...\n",
            "committee/management/commands/two.py": "class Command: ...\n",
            "committee/c.py": "class Other:\n    class Meta: ...\n",
            "mentorship/migrations/0001.py": "class Row: ...\n",
            "tests/test_a.py": "class Row: ...\n",
        }
    )

    assert found(names.class_names, tree) == [
        ("matching/a.py", 1, "class Row is also in mentorship/b.py"),
        ("mentorship/b.py", 2, "class Row is also in matching/a.py"),
    ]


def test_docstrings_that_give(planted):
    tree = planted(
        {
            "matching/a.py": '"""Giver of names."""\n\ndef one():\n    """Give one."""\n',
            "tests/b.py": 'class Two:\n    async def two(self):\n        """Gives two."""\n',
            "matching/c.py": 'def three():\n    """Return what they give."""\n',
        }
    )

    assert found(names.giving, tree) == [
        ("matching/a.py", 4, 'docstring begins with "Give"'),
        ("tests/b.py", 3, 'docstring begins with "Gives"'),
    ]


def test_caches_of_texts(planted):
    tree = planted(
        {
            "matching/a.py": "@lru_cache(maxsize=9)\ndef one(n: int, *, said: str): ...\n",
            "matching/b.py": "@functools.cache\ndef two(said: str | None): ...\n",
            "matching/c.py": "read = functools.lru_cache(9)(lambda said: said)\n",
            "matching/d.py": "@cache\ndef three(n: int) -> str: ...\n",
            "matching/e.py": "@lru_cache(maxsize=1)\ndef four(said: str): ...\n",
            "matching/f.py": "@cached_by_text(9)\ndef five(said: str): ...\n",
            "tests/g.py": "@cache\ndef six(said: str): ...\n",
        }
    )

    assert found(caches.caches, tree) == [
        ("matching/a.py", 2, "one keeps texts of any length"),
        ("matching/b.py", 2, "two keeps texts of any length"),
        ("matching/c.py", 1, "a cache around a function that is not seen"),
    ]


def test_dead_links(planted):
    page = """# Where things are

[there](docs/a.md) [folder](docs) [elsewhere](https://example.org/docs/none.md)
[gone](docs/none.md) ![gone](docs/none.png) [anchor](docs/a.md#one--two) [no](docs/a.md#three)
[here](#where-things-are) [not here](#nowhere) `[code](none.md)` <img src="docs/p.png">
```
[code](none.md)
```
[ref]: docs/other.md
<img alt="gone" src="docs/q.png"> [placeholder]({{ link }})
"""
    tree = planted(
        {"README.md": page, "docs/a.md": "## One & `two`\n\n[up](../README.md)\n", "docs/p.png": ""}
    )

    assert found(links.dead_links, tree) == [
        ("README.md", 4, "docs/a.md#three leads to no heading"),
        ("README.md", 4, "docs/none.md leads to no file"),
        ("README.md", 4, "docs/none.png leads to no file"),
        ("README.md", 5, "#nowhere leads to no heading"),
        ("README.md", 9, "docs/other.md leads to no file"),
        ("README.md", 10, "docs/q.png leads to no file"),
    ]


def test_anchors_of_equal_headings():
    assert links.anchors('# A b\n## A b\n<a id="own"></a>\n```\n# not one\n```\n') == {
        "a-b",
        "a-b-1",
        "own",
    }


def test_banned_words_of_templates(planted):
    template = """{# a mail that nobody reads #}
{% load static %}{% if kind == "mail" %}<a href="{% url "mail_texts" %}" class="mail"
 title="Send mail">{% translate "Keep apart" %}</a>{% endif %}
<span class="material-symbols-outlined" aria-hidden="true">mail</span>
{{ count }} {{ count|pluralize:"mail,mails" }}<script>const mail = 1;</script>
<input type="hidden" value="a mail"><input value="Whoever">
An email by the mail server goes to <a href="mailto:a@example.org">Gmail</a>, not in a {{ mail }}.
"""
    tree = planted({"templates/matching/a.html": template, "templates/a.css": "mail mail"})

    assert said(tree) == [
        ("templates/matching/a.html", 2, "mail"),
        ("templates/matching/a.html", 3, "Keep apart"),
        ("templates/matching/a.html", 5, "mail"),
        ("templates/matching/a.html", 5, "mails"),
        ("templates/matching/a.html", 6, "Whoever"),
    ]


def test_banned_words_of_pages_and_email_texts(planted):
    page = """The cockpit, not the `cockpit` of [links](cockpit.md).

```
mail
```
To {{ mail.to }}: it is anonymised in colour.
"""
    tree = planted({"docs/a.md": page, "notifications/texts/match.md": "Hello\n\nthis mail\n"})

    assert said(tree) == [
        ("docs/a.md", 1, "cockpit"),
        ("docs/a.md", 6, "anonymised"),
        ("docs/a.md", 6, "colour"),
        ("notifications/texts/match.md", 3, "mail"),
    ]


def test_banned_words_of_python(planted):
    module = '''"""Sends a mail; `queue_mail` queues it."""

links = {"cockpit": "/cockpit/", "mail": 1}  # a mail
LABEL = "Mail"


class State(models.TextChoices):
    HELD = "held", "held"


state = models.CharField("mail", verbose_name="in doubt")
said = f"{count} mails to {'the mail' if one else 'mail'}"
query = Path("mail/texts")
'''
    tree = planted(
        {
            "mentorship/a.py": module,
            "mentorship/domain/columns/known.py": '"""A mail."""\nnames = "mail address"\n',
            "mentorship/migrations/0001.py": '"""A mail."""\n',
            "tests/test_a.py": '"""A mail."""\n',
        }
    )

    assert said(tree) == [
        ("mentorship/a.py", 1, "mail"),
        ("mentorship/a.py", 4, "Mail"),
        ("mentorship/a.py", 8, "held"),
        ("mentorship/a.py", 11, "in doubt"),
        ("mentorship/a.py", 11, "mail"),
        ("mentorship/a.py", 12, "mail"),
        ("mentorship/a.py", 12, "mails"),
        ("mentorship/domain/columns/known.py", 1, "mail"),
    ]


def test_banned_words_of_scripts(planted):
    tree = planted({"static/a.js": "// a mail\nlet mail = 'mail';\nsay(`Send\nthe mail`);\n"})

    assert said(tree) == [("static/a.js", 4, "mail")]


def test_command_says_what_it_found(planted, monkeypatch, capsys):
    monkeypatch.setattr(command, "Tree", lambda: planted({"README.md": "[a](b.md)\n"}))

    assert command.main(["links"]) == 1
    assert command.main(["class-names"]) == 0
    assert command.main(["none"]) == 2

    shown = capsys.readouterr().out.splitlines()
    assert shown[:2] == [
        "README.md:1: b.md leads to no file [links]",
        "The repository keeps to its conventions.",
    ]
    assert shown[2].startswith("No such check: none.")


def test_tree_knows_what_git_ignores():
    paths = Tree().paths()

    assert "tests/repository/tree.py" in paths
    assert not [path for path in paths if path.startswith((".venv/", ".git/"))]


def test_place_of_a_whole_file_has_no_line():
    assert str(Hit("matching", 0, "why")) == "matching: why"
    assert str(Hit("a.py", 3, "why")) == "a.py:3: why"


def graph_of(*imports):
    """Return a graph of imports, each given as "a > b" inside one package's domain."""
    graph = grimp.ImportGraph()
    graph.add_module("matching.domain")
    for line in imports:
        importer, imported = (f"matching.domain.{name}" for name in line.split(" > "))
        graph.add_module(importer)
        graph.add_module(imported)
        graph.add_import(importer=importer, imported=imported)
    return graph


def test_floors_count_from_the_ground():
    graph = graph_of("a > b", "b > c", "a > c", "d > c")

    assert rooms.floors_of(graph, "matching.domain") == {
        "matching.domain.a": 3,
        "matching.domain.b": 2,
        "matching.domain.c": 1,
        "matching.domain.d": 2,
    }
    assert list(rooms.too_high(graph)) == []


def test_a_circle_and_a_sixth_floor_are_refused():
    circle = graph_of("a > b", "b > a")
    tower = graph_of("a > b", "b > c", "c > d", "d > e", "e > f")

    assert [hit.path for hit in rooms.too_high(circle)] == ["matching/domain"]
    assert [str(hit) for hit in rooms.too_high(tower)] == ["matching/domain: 6 floors; at most 5"]


def test_security_requirements(planted):
    page = """\
| V2 Other | Does not apply: there is nothing of it. |
| V1.1.1, V1.1.2 | something | kept | `a/test_a.py::TestA::test_b` |
| V1.1.2 | something | kept | `a/test_a.py::test_b`, in a class |
| V1.1.3 | something | kept | somewhere |
| V1.1.4 | something | perhaps | somewhere |
| V1.1.9 | something | none here | |
"""
    tree = planted(
        {
            security.PAGE: page,
            security.NUMBERS: "V1.1.1 1\nV1.1.2 2\nV1.1.3 2\nV1.1.4 2\nV1.2.1 1\nV2.1.1 1\n",
            "tests/a/test_a.py": "class TestA:\n    def test_b(self):\n        pass\n",
        }
    )
    assert found(security.requirements, tree) == [
        (security.PAGE, 0, "V1.1.2 has 2 rows"),
        (security.PAGE, 0, "V1.1.4 has 0 rows"),
        (security.PAGE, 0, "V1.2.1 has 0 rows"),
        (security.PAGE, 3, "there is no test a/test_a.py::test_b"),
        (security.PAGE, 4, "kept, but it does not say where or why"),
        (security.PAGE, 5, "no row of: number | asks for | answer | where"),
        (security.PAGE, 6, "V1.1.9 is no requirement of levels 1 and 2"),
    ]

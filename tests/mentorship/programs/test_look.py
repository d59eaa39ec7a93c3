"""A program's color and logo: what is taken, what is refused, and how it is served."""

import datetime
import io
import re

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from committee.interfaces.decisions import find_kept_too_long
from mentorship.domain.programs.logo import BYTES_AT_MOST, SIZE, read_logo, save_logo
from mentorship.models import Logo
from mentorship.models.colors import DARK_PAPER, contrast, for_the_dark, validate_color
from tests.conftest import ROOT
from tests.factories import MembershipFactory, ParticipantFactory, ProgramFactory

pytestmark = pytest.mark.django_db
COLORS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


def image(kind="PNG", size=(1200, 300), mode="RGB"):
    made = io.BytesIO()
    Image.new(mode, size, "#0b5c86" if mode == "RGB" else 0).save(made, kind)
    return made.getvalue()


class TestColor:
    @pytest.mark.parametrize(
        ("one", "other", "ratio"),
        [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.48), ("#0b5c86", "#0b5c86", 1)],
    )
    def test_contrast_is_that_of_the_standard(self, one, other, ratio):
        assert round(contrast(one, other), 2) == ratio

    @given(COLORS)
    def test_in_the_dark_every_color_can_be_read(self, color):
        assert contrast(for_the_dark(color), DARK_PAPER) >= 4.5

    @pytest.mark.parametrize(
        "color", ["#ffcc00", "#7f7f7f", "red", "#12345", "0b5c86", "#0b5c86;x"]
    )
    def test_what_cannot_be_read_is_refused(self, color):
        with pytest.raises(ValidationError):
            validate_color(color)

    def test_the_frame_of_what_can_be_used_is_seen_in_every_theme(self):
        css = (ROOT / "static" / "mentorship" / "public.css").read_text()
        light, dark = css.split("@media (prefers-color-scheme: dark)")[:2]
        for theme in (light, dark):
            colors = dict(re.findall(r"--(line|paper|page): #(\w+);", theme))
            line, *behind = (
                f"#{digits * 2 if len(set(digits)) == 1 and len(digits) == 3 else digits}"
                for digits in (colors[name] for name in ("line", "paper", "page"))
            )
            assert [contrast(line, color) >= 3 for color in behind] == [True, True]

    def test_is_a_style_sheet_of_two_properties(self, client):
        answer = client.get("/look/0b5c86.css")
        assert (answer["Content-Type"], answer.content.decode()) == (
            "text/css; charset=utf-8",
            f":root {{ --brand: #0b5c86; --brand-dark: {for_the_dark('#0b5c86')}; }}\n",
        )
        for path in ("/look/ffcc00.css", "/look/red.css", "/look/0b5c867.css"):
            assert client.get(path).status_code == 404


class TestLogo:
    @pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
    def test_becomes_a_png_of_our_own(self, kind):
        made = read_logo(io.BytesIO(image(kind)))
        with Image.open(io.BytesIO(made)) as shown:
            assert (shown.format, shown.size, shown.info) == ("PNG", SIZE, {})

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
            b"<script>alert(1)</script>",
            image()[:200],
            image("BMP"),
            image("TIFF"),
            b"x" * (BYTES_AT_MOST + 1),
        ],
        ids=["empty", "svg", "html", "cut", "bmp", "tiff", "large"],
    )
    def test_what_is_no_image_is_refused(self, content):
        with pytest.raises(ValidationError):
            read_logo(io.BytesIO(content))

    def test_many_pixels_in_few_bytes_are_refused(self):
        with pytest.raises(ValidationError, match="too many pixels"):
            read_logo(io.BytesIO(image(size=(9000, 9000), mode="1")))

    def test_what_follows_the_image_in_the_file_is_gone(self):
        made = read_logo(io.BytesIO(image() + b"<script>alert(1)</script>"))
        assert b"script" not in made

    def test_is_served_to_those_who_see_its_address(self, client):
        logo = save_logo(ProgramFactory(), read_logo(io.BytesIO(image())))
        answer = client.get(reverse("look_logo", args=[logo.digest]))
        assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == (
            "image/png",
            "nosniff",
        )
        assert answer.content == bytes(Logo.objects.get().image)
        assert client.get(reverse("look_logo", args=["0" * 64])).status_code == 404


class TestSettings:
    @pytest.fixture
    def program(self):
        return ProgramFactory()

    @pytest.fixture
    def save(self, client, program):
        user = MembershipFactory(program=program, level="chair").user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        page = reverse("admin:mentorship_program_change", args=[program.pk])

        def save(**typed):
            form = client.get(page).context["adminform"].form
            now = {name: form[name].value() for name in form.fields if name != "logo_file"}
            now["free_mail_domains"] = "\n".join(program.free_mail_domains)
            kept = {name: value for name, value in now.items() if value not in (None, False)}
            return client.post(page, kept | typed)

        return save

    def test_a_chair_sets_color_logo_and_privacy(self, client, program, save):
        file = SimpleUploadedFile("logo.png", image(), "image/png")
        answer = save(
            logo_file=file, color="#0B5C86", privacy_notice="We keep little.", kept_months=9
        )
        assert answer.status_code == 302
        program.refresh_from_db()
        person = ParticipantFactory(program=program)
        page = client.get(person.answers_path).content.decode()
        assert reverse("look_color", args=["0b5c86"]) in page
        assert reverse("look_logo", args=[program.logo.digest]) in page
        privacy = client.get(reverse("intake_privacy", args=[person.link_key])).content.decode()
        assert "We keep little." in privacy
        assert "until April 18, 2084, 9 months after" in privacy
        save(no_logo="on")
        assert not Logo.objects.exists()

    @pytest.mark.parametrize("level", ["member", "reader"])
    def test_who_does_not_change_them_reads_them(self, client, program, level):
        """Words instead of what columns and form fields hold."""
        program.free_mail_domains = ["a.example", "b.example"]
        program.save()
        user = MembershipFactory(program=program, level=level).user
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")

        def read():
            page = client.get(reverse("admin:mentorship_program_change", args=[program.pk]))
            rows = [
                line for fieldset in page.context["adminform"] for row in fieldset for line in row
            ]
            texts = {line.field["label"].capitalize(): line.contents() for line in rows}
            assert "No logo" not in texts
            assert "Logo file" not in texts
            return texts["Logo"], texts["Free email domains"]

        assert read() == ("", "a.example, b.example")
        program.free_mail_domains = []
        program.save()
        logo = save_logo(program, read_logo(io.BytesIO(image())))
        shown, domains = read()
        assert (reverse("look_logo", args=[logo.digest]) in shown, domains) == (True, "")

    def test_what_cannot_be_read_is_not_saved(self, program, save):
        answer = save(color="#ffcc00", logo_file=SimpleUploadedFile("logo.svg", b"<svg/>"))
        errors = answer.context["adminform"].form.errors
        assert sorted(errors) == ["color", "logo_file"]
        assert "too light" in errors["color"][0]
        assert not Logo.objects.exists()


@pytest.mark.parametrize(
    ("months", "until"),
    [(1, datetime.date(2027, 2, 28)), (13, datetime.date(2028, 2, 29)), (None, None)],
)
def test_data_is_kept_for_whole_months(months, until):
    program = ProgramFactory.build(ends_on=datetime.date(2027, 1, 31), kept_months=months)
    assert program.kept_until == until


def test_the_dashboard_reminds_of_what_the_pages_promise():
    dates = {"starts_on": datetime.date(2020, 1, 1), "ends_on": datetime.date(2020, 1, 5)}
    kept = ProgramFactory(**dates, kept_months=3)
    assert find_kept_too_long(kept, 3).cases[0].path == reverse(
        "anonymise_program", args=[kept.slug]
    )
    assert find_kept_too_long(ProgramFactory(**dates), 3).total == 0
    kept.anonymised_at = datetime.datetime(2020, 4, 1, tzinfo=datetime.UTC)
    assert find_kept_too_long(kept, 3).total == 0

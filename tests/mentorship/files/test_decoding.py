"""The encodings that spreadsheet programs write, told by the words in a file."""

import pytest

from mentorship.domain.files.decoding import decode

HEAD = "Name;Email;Ticket\n"


def lines(*names: str) -> str:
    return HEAD + "".join(f"{name};{n}@north.example;In-Person\n" for n, name in enumerate(names))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_unicode_is_certain(encoding):
    text = lines("Zoë Müller", "Łukasz Zażółć", "田中太郎")
    decoded = decode(text.encode(encoding))
    assert (decoded.text.removeprefix("\ufeff"), decoded.note) == (text, "")


@pytest.mark.parametrize(
    "names",
    [
        ["Zoë Müller"],
        ["Anna Müller"],
        ["José Núñez", "François Lefèvre"],
        ["Søren Åkesson"],
        ["Seán O’Neil – “x”"],
        ["DR. JÜRGEN GRÖẞER".replace("ẞ", "SS")],
    ],
)
@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
def test_western_names_of_windows_and_of_a_mac(encoding, names):
    text = lines(*names)
    assert decode(text.encode(encoding)).text == text


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp1250", ["Łukasz Zażółć", "Petr Dvořák"]),
        ("cp1250", ["Żaneta Ślusarczyk"]),
        ("mac_latin2", ["Łukasz Dvořák"]),
        ("cp1254", ["Ayşe Yılmaz", "Çağrı Güneş"]),
        ("cp1257", ["Jānis Bērziņš"]),
        ("cp1251", ["Иван Петров"]),
        ("koi8_r", ["Иван Петров"]),
        ("cp1255", ["דוד כהן"]),
        ("cp850", ["Zoë Müller", "José Núñez"]),
        ("cp1253", ["Γιώργος Παπαδόπουλος", "Ελένη Νικολάου"]),
        ("cp1254", ["Ayşe Yılmaz"]),
        ("cp1256", ["محمد علي", "فاطمة حسن"]),
        ("shift_jis", ["田中太郎"]),
        ("gb18030", ["王小明", "李娜", "张伟"]),
        ("big5", ["陳小明", "林美玲"]),
        ("cp949", ["김민수", "이영희"]),
        ("euc_jp", ["やまだ太郎", "鈴木花子"]),
    ],
)
def test_other_letters_are_read_and_a_name_is_shown(encoding, names):
    text = lines(*names)
    decoded = decode(text.encode(encoding))
    assert (decoded.text, decoded.sample) == (text, names[0])
    assert f"“{names[0]}”" in decoded.note
    assert "CSV UTF-8" in decoded.note


def test_what_could_be_two_encodings_is_shown():
    # The first letter of "Čapek" is "È" in western Windows.
    decoded = decode(lines("Karel Čapek").encode("cp1250"))
    assert decoded.sample
    assert decode(lines("Zoë Müller", "José Núñez").encode("cp1252")).note == ""


@pytest.mark.parametrize("names", [["José Müller"], ["Zoë Åström", "Łukasz Żak", "O’Neil"]])
def test_letters_that_were_encoded_twice_are_read_as_they_were(names):
    text = lines(*names)
    garbled = text.encode().decode("cp1252", "replace")
    if "\ufffd" in garbled:  # what Windows has no letter for, other programs keep
        garbled = text.encode().decode("latin-1")
    decoded = decode(garbled.encode())
    assert (decoded.text, decoded.sample) == (text, names[0])
    assert f"is read as “{names[0]}”" in decoded.note


@pytest.mark.parametrize("name", ["Ã", "Zoë “Ã” Åström", "São João", "Â°C, Zoë Müller, Ñ"])
def test_letters_that_only_look_so_stay(name):
    decoded = decode(lines(name).encode())
    assert (decoded.text, decoded.note) == (lines(name), "")


def test_a_line_of_another_encoding_is_shown():
    decoded = decode(lines("José Müller", "Zoë Åström").encode() + b"Ana\xe9;a@b.example;x\n")
    assert decoded.text.startswith(lines("José Müller"))
    assert (decoded.encoding, decoded.sample) == ("UTF-8", "Ana\ufffd")


def test_broken_utf_8_stays_utf_8():
    data = lines("Zoë Müller", "José Núñez").encode() + b"Bad\xff;x\n"
    assert decode(data).text == lines("Zoë Müller", "José Núñez") + "Bad\ufffd;x\n"

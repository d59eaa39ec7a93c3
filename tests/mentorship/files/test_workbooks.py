"""Workbooks: what is read of an honest one, and that a hostile one is refused before it harms."""

import datetime
import io
import re
import zipfile

import openpyxl
import pytest
from django.core.exceptions import ValidationError

from mentorship.domain.files.spreadsheets import read_table
from mentorship.domain.files.tables import Row, Table
from mentorship.domain.files.workbooks import Sheet, read_workbook

NAMESPACES = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for name in ("office", "table", "text")
)
TOO_LARGE = "x unpacks to more than a spreadsheet should hold."
ENTITIES = (
    "x defines XML entities, which no spreadsheet needs. Save it anew as XLSX or CSV and try again."
)
MACROS = "x contains macros, which are programs. Save it as XLSX or CSV without them and try again."
LOCKED = "x is locked with a password. Save a copy without one and try again."
WORD = (
    "x is a Word document, not a spreadsheet that can be read here. Export the list as CSV or XLSX "
    "where it comes from, and choose that file."
)
UNREADABLE = "x is not a workbook that can be read here. Save it as XLSX or CSV and try again."


def archive(parts: dict[str, str | bytes]) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return kept.getvalue()


def ods(tables: str, **more: str) -> bytes:
    """Return an ODS file with these tables; `more` are further parts."""
    spreadsheet = f"<office:spreadsheet>{tables}</office:spreadsheet>"
    content = (
        f"<office:document-content {NAMESPACES}><office:body>{spreadsheet}</office:body>"
        "</office:document-content>"
    )
    return archive(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "META-INF/manifest.xml": "<manifest/>",
        }
        | more
    )


def cell(text: str, repeated: int = 1) -> str:
    return (
        f'<table:table-cell office:value-type="string" table:number-columns-repeated="{repeated}">'
        f"<text:p>{text}</text:p></table:table-cell>"
    )


def row(cells: str, repeated: int = 1) -> str:
    return f'<table:table-row table:number-rows-repeated="{repeated}">{cells}</table:table-row>'


def table(rows: str, name: str = "A") -> str:
    return f'<table:table table:name="{name}">{rows}</table:table>'


BLANK = row('<table:table-cell table:number-columns-repeated="16384"/>', 1_048_570)


def xlsx(sheet: str = "", sheets: int = 1, **parts: str | bytes) -> bytes:
    """Return an XLSX file whose sheets are this XML, if any, with these parts added or replaced."""
    book, kept = openpyxl.Workbook(), io.BytesIO()
    for _ in range(sheets - 1):
        book.create_sheet()
    book.save(kept)
    with zipfile.ZipFile(kept) as file:
        written: dict[str, str | bytes] = {name: file.read(name) for name in file.namelist()}
    if sheet:
        body = (
            '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
            f'<dimension ref="A1:XFD1048576"/><sheetData>{sheet}</sheetData></worksheet>'
        )
        written |= {f"xl/worksheets/sheet{n}.xml": body for n in range(1, sheets + 1)}
    return archive(written | parts)


def test_an_opendocument_sheet_is_read_as_text():
    said = [
        '<table:table-cell office:value-type="date" office:date-value="2027-06-01"/>',
        '<table:table-cell office:value-type="date" office:date-value="2027-06-01T10:20:30"/>',
        '<table:table-cell office:value-type="float" office:value="2"/>',
        '<table:table-cell office:value-type="float" office:value="2.5"/>',
        '<table:table-cell office:value-type="boolean" office:boolean-value="true"/>',
    ]
    rows = row(cell("Name") + cell("When")) + row("") + row(cell("007") + "".join(said), 2) + BLANK
    assert read_table(ods(table(rows)), "people.ods") == Table(
        "people.ods",
        ["Name", "When"],
        [
            Row(3, ["007", "2027-06-01 00:00:00", "2027-06-01 10:20:30", "2", "2.5", "True"]),
            Row(4, ["007", "2027-06-01 00:00:00", "2027-06-01 10:20:30", "2", "2.5", "True"]),
        ],
    )


def test_an_excel_sheet_is_read_as_text():
    book, kept = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["007", 7, 7.5, -1, True, datetime.datetime(2027, 6, 1, 10, 20), None, "é"])
    book.save(kept)
    assert read_workbook(kept.getvalue(), "x") == [
        Sheet("Sheet", [["007", "7", "7.5", "-1", "True", "2027-06-01 10:20:00", "", "é"]])
    ]


def test_the_first_filled_sheet_is_read_and_the_others_are_named():
    book, kept = openpyxl.Workbook(), io.BytesIO()
    book.create_sheet("Hidden").append(["x"])
    book["Hidden"].sheet_state = "hidden"
    book.create_sheet("Answers").append(["Name"])
    book["Answers"].append(["Ann"])
    book.create_sheet("Summary").append(["Total", 1])
    book.create_sheet("Empty")
    book.save(kept)
    read = read_table(kept.getvalue(), "a.xlsx")
    assert read == Table("a.xlsx", ["Name"], [Row(2, ["Ann"])])
    assert read.note == "Only the sheet “Answers” is read; not “Summary”."


def hidden(cells: str, why: str, repeated: int = 1) -> str:
    rows = row(cells, repeated)
    return rows.replace("<table:table-row", f'<table:table-row table:visibility="{why}"')


def test_hidden_and_filtered_rows_of_an_opendocument_sheet_are_said():
    rows = [
        row(cell("Name")),
        hidden(cell("Ann"), "collapse", 2),
        row(cell("Bo")),
        hidden(cell("Cy"), "filter"),
        hidden("", "collapse", 1_000_000),
    ]
    read = read_table(ods(table("".join(rows))), "a.ods")
    assert [each.cells for each in read.rows] == [["Ann"], ["Ann"], ["Bo"], ["Cy"]]
    assert read.note == (
        "3 rows are hidden or filtered out in the sheet “A”; they are read as well."
    )


def test_hidden_rows_of_an_excel_sheet_are_said_unless_they_are_blank():
    cells = "".join(
        f'<row r="{n}"{mark}><c r="A{n}" t="inlineStr"><is><t>{text}</t></is></c></row>'
        for n, mark, text in ((1, "", "Name"), (2, ' hidden="1"', "Ann"), (3, ' hidden="1"', ""))
    )
    read = read_table(xlsx(cells), "a.xlsx")
    assert read.note == "1 row is hidden or filtered out in the sheet “Sheet”; it is read as well."


def test_blank_rows_to_the_end_of_the_sheet_do_no_harm():
    filled = '<row r="1"><c r="A1"><v>1</v></c></row>'
    blank = '<row r="1048576"><c r="XFD1048576" s="1"/></row>'
    assert read_workbook(xlsx(filled + blank), "x") == [Sheet("Sheet", [["1"]])]


def filled(place: str) -> str:
    return f'<row r="1"><c r="A1"><v>1</v></c></row><row r="9"><c {place}><v>1</v></c></row>'


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (xlsx(filled('r="XFD1048576"')), TOO_LARGE),
        (xlsx(filled('x="&gt;>" r="XFD1048576"')), TOO_LARGE),
        (xlsx('<row r="99999999"><c><v>1</v></c></row>'), TOO_LARGE),
        (xlsx(filled('r="ZZ5000"'), sheets=3), TOO_LARGE),
        (xlsx(**{f"xl/media/{n}": "" for n in range(1001)}), TOO_LARGE),
        (ods(table(row(cell("x"), 1_048_576) + row(cell("x", 16_384)))), TOO_LARGE),
        (ods(table(row(cell("x", 99_999_999_999_999)))), TOO_LARGE),
        (ods(table(row(cell("x", 2_000)) + row(cell("x"), 2_000)) * 2), TOO_LARGE),
        (xlsx(**{"xl/a.xml": b'<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "b">]>'}), ENTITIES),
        (xlsx(**{"xl/a.rels": b"<!doctype x>".rjust(1024 * 1024 + 5)}), ENTITIES),
        (ods(table(row(cell("x"))), **{"styles.xml": '<!DOCTYPE x SYSTEM "file:///x">'}), ENTITIES),
        (xlsx(**{"xl/a.xml": "<!DOCTYPE x>".encode("utf-16")}), UNREADABLE),
        (xlsx(**{"xl/vbaProject.bin": b"x"}), MACROS),
        (xlsx(**{"xl/macrosheets/sheet1.xml": b"<x/>"}), MACROS),
        (xlsx(**{"[Content_Types].xml": "application/vnd.ms-excel.sheet.macroEnabled"}), MACROS),
        (ods(table(row(cell("x"))), **{"Basic/Standard/Module1.xml": "<x/>"}), MACROS),
        (
            ods(table(row(cell("x"))), **{"META-INF/manifest.xml": "<manifest:encryption-data/>"}),
            LOCKED,
        ),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), LOCKED),
        (xlsx(**{"xl/workbook.bin": b"x"}), UNREADABLE),
        (xlsx(**{"xl/one": b"x", "xl/two": b"x"}).replace(b"xl/two", b"xl/one"), UNREADABLE),
        (archive({"word/document.xml": "<x/>"}), WORD),
    ],
)
def test_a_hostile_workbook_is_refused_in_a_sentence(data, sentence):
    with pytest.raises(ValidationError) as refused:
        read_table(data, "x")
    assert refused.value.messages == [sentence]


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        return {name: file.read(name) for name in file.namelist()}


def shared(text: str, cells: int) -> bytes:
    """Return an XLSX file with one text, which so many cells say."""
    namespace = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    parts = parts_of(xlsx())
    rows = '<row><c t="s"><v>0</v></c></row>' * cells
    return archive(
        parts
        | {
            "xl/worksheets/sheet1.xml": (
                f"<worksheet {namespace}><sheetData>{rows}</sheetData></worksheet>"
            ),
            "xl/sharedStrings.xml": f"<sst {namespace}><si><t>{text}</t></si></sst>",
        }
    )


def one_part(sheets: int, cells: str) -> bytes:
    """Return an XLSX file with so many sheets that are all one and the same part."""
    parts = parts_of(xlsx(cells))
    book = parts["xl/workbook.xml"].decode()
    [sheet] = re.findall(r"<sheet .*?/>", book)
    many = "".join(sheet.replace('name="Sheet"', f'name="{n}"') for n in range(sheets))
    return archive(parts | {"xl/workbook.xml": book.replace(sheet, many)})


def merged(times: int, rows: int) -> str:
    ranges = f'<mergeCell ref="A1:A{rows}"/>' * times
    last = f'<row r="{rows}"><c r="B{rows}"><v>1</v></c></row>'
    return f"{last}</sheetData><mergeCells>{ranges}</mergeCells><sheetData>"


@pytest.mark.slow
@pytest.mark.parametrize(
    "data",
    [
        shared("x" * 1_000_000, 2_000),
        shared("x" * 40_000, 10_000),
        one_part(3, filled('r="ZZ5000"')),
        xlsx(merged(10_000, 1_000)),
        ods(table(row(cell("x" * 100_000, 1_000), 1_000))),
        ods(table(row(cell('<text:s text:c="2000000000"/>')))),
    ],
    ids=["texts", "letters", "one part", "merged", "repeated", "blanks"],
)
def test_what_lays_out_as_gigabytes_ends_in_a_process_of_its_own(data):
    with pytest.raises(ValidationError) as refused:
        read_table(data, "x")
    assert refused.value.messages == [TOO_LARGE]
    assert len(data) < 50_000


def lying(data: bytes) -> bytes:
    """Return this archive with every part said to unpack to 9 bytes."""
    changed = bytearray(data)
    start = 0
    while (start := changed.find(b"PK\x01\x02", start)) >= 0:
        changed[start + 24 : start + 28] = (9).to_bytes(4, "little")
        start += 4
    return bytes(changed)


@pytest.mark.parametrize("said", [lambda data: data, lying])
def test_a_part_that_unpacks_to_more_than_it_should_is_refused(monkeypatch, said):
    monkeypatch.setattr("mentorship.domain.files.workbooks.UNPACKED_AT_MOST", 3 * 1024 * 1024)
    with pytest.raises(ValidationError) as refused:
        read_table(said(xlsx(**{"xl/media/zeros": bytes(4 * 1024 * 1024)})), "x")
    assert refused.value.messages == [TOO_LARGE]


def test_a_control_character_of_a_workbook_is_kept_for_its_row_to_be_refused():
    book, kept = openpyxl.Workbook(), io.BytesIO()
    book.active.append(["Name"])
    book.active.append(["a_x0000_b"])
    book.save(kept)
    assert read_table(kept.getvalue(), "a.xlsx").rows == [Row(2, ["a\0b"])]

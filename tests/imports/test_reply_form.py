"""The reply form goes out, is edited as Word and LibreOffice do, and comes back."""

import io
import os
import re
import shutil
import subprocess
import zipfile
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from inquiries.documents.content import NumberedText
from inquiries.documents.reply_form import ReplyForm, ReplyFormRow, reply_form_docx
from inquiries.imports import Unreadable
from inquiries.imports.reply_form import (
    MACROS,
    TRACKED,
    TWICE,
    ReplyRow,
    read_document,
    read_reply,
    text_as_read,
)
from inquiries.uploads.word import R, W

RELATIONS = R[1:-1]
CODE = "7.3.20261101." + ".".join(f"{key}-0-abcdef" for key in range(1, 40)) + ":signed_by-us"
TEXT = (
    "We wrote to 240 homes.\nA second line, see https://wealdshire.example/warm.\n\nWhat is left:\n\n"
    "- the towns\n- the villages, www.wealdshire.example\n\n1. letters\n2. visits\n\nThe “end” of it – café 👩‍🔧."
)
LINKS = (("The page", "https://wealdshire.example/a?b=1&c=2"), ("https://x.example/", "https://x.example/"))
FIRST = ReplyRow(33, "1a", TEXT, "on_track", "2027-06-30", list(LINKS))
SECOND = ReplyRow(34, "2", "", "", "", [])


def form_row(key=33, references="1a", text=TEXT, **values):
    return ReplyFormRow(
        key=key,
        references=references,
        recommendations=(NumberedText(references, "That the council publishes one telephone number."),),
        decision="Accepted",
        response="One number.\n\n- by phone",
        target_date=date(2027, 3, 31),
        text=text,
        **values,
    )


def form_with(*rows):
    return reply_form_docx(
        ReplyForm(
            committee="Communities Select Committee",
            inquiry="Warm Homes Inquiry",
            kind="Interim Progress Report (6 months on)",
            person="Siân Llŷr-Ôwain",
            due_on=date(2026, 11, 16),
            update_date=date(2026, 11, 1),
            address="https://scrutiny.example/inquiries/warm-homes-inquiry/progress/6/reply/",
            code=CODE,
            rows=rows,
        )
    )


@pytest.fixture(scope="module")
def form():
    return form_with(
        form_row(
            officer_view="On track",
            forecast_date=date(2027, 6, 30),
            links=LINKS,
            last_time=("Last time", "It was begun."),
        ),
        form_row(34, "2", "", return_note="Say how many.", has_exempt_part=True),
    )


def edited(data, change, part="word/document.xml", **more):
    """The file with a part of it changed, as a program would; `more` are further parts by name."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            content = old.read(name)
            new.writestr(name, change(content.decode()) if name == part else content)
        for name, content in more.items():
            new.writestr(name, content)
    return made.getvalue()


def replaced(data, old, new, part="word/document.xml", count=1):
    def change(xml):
        assert old in xml
        return xml.replace(old, new, count)

    return edited(data, change, part)


def without_names(data, *patterns):
    def change(xml):
        for pattern in patterns:
            xml = re.sub(pattern, "", xml)
        return xml

    return edited(data, change)


def test_form_comes_back_as_it_was(form):
    reply = read_reply(form)
    assert reply.rows == [FIRST, SECOND]
    assert reply.code == CODE
    assert reply.title == "Reply form: Warm Homes Inquiry, Interim Progress Report (6 months on)"
    assert reply.notes == []
    assert "Say how many." in reply.others
    assert text_as_read(TEXT) == TEXT


def test_word_lets_people_write_in_the_fields_alone(form):
    with zipfile.ZipFile(io.BytesIO(form)) as file:
        assert '<w:documentProtection w:edit="forms" w:enforcement="1"/>' in file.read("word/settings.xml").decode()
        xml = file.read("word/document.xml").decode()
    assert xml.count('<w:lock w:val="sdtLocked"/>') == xml.count("<w:sdt>") == 8
    assert xml.count("<w:showingPlcHdr/>") == 4


@pytest.mark.parametrize(
    ("written", "read", "notes"),
    [
        ("1 July 2027", "2027-07-01", []),
        ("1/7/27", "2027-07-01", []),
        ("July 2027", "2027-07-31", []),
        ("soon", None, ["“soon” is not read as a date; it was left out."]),
    ],
)
def test_a_forecast_date_is_read(form, written, read, notes):
    row, _ = read_document(replaced(form, "30 June 2027", written)).rows
    assert (row.forecast_date, row.notes) == (read, notes)


words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
marks = st.sampled_from(["", "- ", "* ", "• ", "3. ", "12) ", "  ", "o "])
# Items of a list have words: several empty ones in a row come back as one item and a line.
lines = st.tuples(marks, words).map(lambda line: f"{line[0]}{'word ' if line[0].strip() else ''}{line[1]}")
texts = st.lists(lines, max_size=12).map("\n".join)


@given(texts)
@settings(max_examples=60, deadline=None, derandomize=True)
@example("\n\n".join(["Ten homes in each of the towns. " * 20] * 8)[:5000])
@example("1. one\n2. two\n\n3. three\n- a\n- b\n4. four")
@example("999. a\n1000. b\n\u202eright\u200b to left\x0b\x85next\ttab")
def test_any_text_comes_back_as_the_house_writes_it(text):
    (row,) = read_document(form_with(form_row(text=text))).rows
    assert row.text == text_as_read(text)
    assert text_as_read(row.text) == row.text


@pytest.mark.parametrize(
    "patterns",
    [
        [r"<w:tag [^>]*/>"],
        [r"<w:tag [^>]*/>", r"<w:bookmark(Start|End) [^>]*/>"],
        [r"<w:alias [^>]*/>", r"<w:bookmark(Start|End) [^>]*/>"],
        [r"<w:sdtPr>.*?</w:sdtPr>", r"</?w:sdt(Content)?>"],
    ],
    ids=["bookmark", "title", "tag", "controls taken away"],
)
def test_each_name_of_a_field_is_enough(form, patterns):
    rows = read_document(without_names(form, *patterns)).rows
    assert [(row.references, row.text, row.officer_view, row.links) for row in rows] == [
        (row.references, row.text, row.officer_view, row.links) for row in (FIRST, SECOND)
    ]


def test_labels_are_enough(form):
    names = [r"<w:sdtPr>.*?</w:sdtPr>", r"</?w:sdt(Content)?>", r"<w:bookmark(Start|End) [^>]*/>"]
    rows = read_document(without_names(form, *names)).rows
    assert rows == [replace(FIRST, key=None), replace(SECOND, key=None)]


def test_code_is_read_from_the_text_where_the_property_is_lost(form):
    lost = edited(form, lambda xml: xml.replace("Reply form code", "Another"), "docProps/custom.xml")
    assert read_document(lost).code == CODE


def test_what_is_typed_in_word_is_read(form):
    typed = (
        '<w:p><w:r><w:t xml:space="preserve">We </w:t></w:r><w:proofErr w:type="spellStart"/>'
        "<w:ins w:id='1' w:author='S'><w:r><w:t xml:space='preserve'>have </w:t></w:r></w:ins>"
        "<w:del w:id='2' w:author='S'><w:r><w:delText>will </w:delText></w:r></w:del>"
        "<w:r><w:rPr><w:b/></w:rPr><w:t>done it – “all”.</w:t></w:r></w:p>"
        "<w:p><w:r><w:t>- typed</w:t></w:r></w:p><w:p><w:r><w:t>- by hand</w:t></w:r></w:p>"
    )
    data = edited(
        form,
        lambda xml: re.sub(
            r"<w:showingPlcHdr/></w:sdtPr><w:sdtContent>.*?</w:sdtContent>",
            f"</w:sdtPr><w:sdtContent>{typed}</w:sdtContent>",
            xml,
            count=1,
        ),
    )
    reply = read_document(data)
    assert reply.rows[1].text == "We have done it – “all”.\n\n- typed\n- by hand"
    assert reply.notes == [TRACKED.format("inserted: “have”, deleted: “will”")]


def test_field_that_is_still_marked_as_a_placeholder_is_read(form):
    def write(xml):
        content = r"<w:showingPlcHdr/></w:sdtPr><w:sdtContent>.*?</w:sdtContent>"
        typed = "<w:showingPlcHdr/></w:sdtPr><w:sdtContent><w:p><w:r><w:t>Done.</w:t></w:r></w:p></w:sdtContent>"
        return re.sub(content, typed, xml, count=1)

    assert read_document(edited(form, write)).rows[1].text == "Done."


def test_words_outside_the_fields_are_returned(form):
    data = replaced(form, "That the council publishes one telephone number.", "I would rather say this here.")
    comment = "<w:comments {}><w:comment w:id='1'><w:p><w:r><w:t>A remark.</w:t></w:r></w:p></w:comment></w:comments>"
    relation = f'<Relationship Id="rId90" Type="{RELATIONS}/comments" Target="comments.xml"/></Relationships>'
    data = edited(
        data,
        lambda xml: xml.replace("</Relationships>", relation),
        "word/_rels/document.xml.rels",
        **{"word/comments.xml": comment.format(f'xmlns:w="{W[1:-1]}"')},
    )
    others = read_document(data).others
    assert "I would rather say this here." in others
    assert "A remark." in others


def test_what_is_left_out_of_a_field_is_named(form):
    table = "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>cell</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
    picture = "<w:p><w:r><w:drawing/></w:r></w:p>"
    data = replaced(
        form,
        '<w:p><w:r><w:t xml:space="preserve">What is left:',
        f'{table}{picture}<w:p><w:r><w:t xml:space="preserve">What is left:',
    )
    row = read_document(data).rows[0]
    assert "\n\ncell\n\nWhat is left:" in row.text
    assert row.notes == [
        "A table within the cell was read as lines of text.",
        "The update has a picture, which was left out.",
    ]


def test_view_and_links_that_nobody_understands_are_named(form):
    data = replaced(form, ">On track<", ">Nearly there<")
    data = replaced(data, "The page: https://wealdshire.example/a?b=1&amp;c=2", "Ask Jane")
    row = read_document(data).rows[0]
    assert (row.officer_view, row.links) == (None, [LINKS[1]])
    assert row.notes == [
        "“Nearly there” is no view of progress that the form offers; it was left out.",
        "“Ask Jane” is no web address; it was left out of the links.",
    ]


def test_second_field_of_the_same_update_is_not_lost(form):
    def copy_table(xml):
        table = re.search(r"<w:tbl>.*?</w:tbl>", xml).group()
        return xml.replace(table, table + table.replace("We wrote to", "We rang"), 1)

    reply = read_document(edited(form, copy_table))
    assert [row.text for row in reply.rows] == [TEXT, ""]
    assert reply.rows[0].notes == [TWICE]
    assert any(text.startswith("We rang") for text in reply.others)


def test_macros_are_named(form):
    assert read_document(edited(form, str, **{"word/vbaProject.bin": "x"})).notes == [MACROS]


@pytest.mark.parametrize(
    "data, why",
    [
        (b"", "The file is empty"),
        (b"%PDF-1.7 ...", "looks like a PDF"),
        (b"PK\x03\x04 broken", "damaged or incomplete"),
        (b"x" * (5 * 1024 * 1024 + 1), "larger than 5 MB"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"), "protected by a password"),
    ],
    ids=["empty", "PDF", "damaged", "large", "password"],
)
def test_other_files_are_refused(data, why):
    with pytest.raises(Unreadable, match=why):
        read_reply(data)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed.")
@pytest.mark.parametrize("steps", [["docx:MS Word 2007 XML"], ["odt", "docx:MS Word 2007 XML"]], ids=["docx", "odt"])
def test_form_saved_by_libreoffice_comes_back_as_it_was(form, tmp_path, steps):
    file = tmp_path / "form.docx"
    file.write_bytes(form)
    for number, step in enumerate(steps):
        folder = tmp_path / str(number)
        command = ["soffice", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}", "--headless"]
        command += ["--convert-to", step, "--outdir", str(folder), str(file)]
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, "HOME": str(tmp_path)}, timeout=120)
        (file,) = folder.iterdir()
    reply = read_document(file.read_bytes())
    assert reply.rows == [FIRST, SECOND]
    assert reply.code == CODE
    assert reply.others == read_document(form).others

"""`manage.py export_progress_report`: the four formats, standard output, and what it says when it cannot."""

import json
import os
import stat

import pytest
from django.core.management import CommandError, call_command

from inquiries.actions import progress
from inquiries.choices import Stage
from inquiries.documents import data_formats
from inquiries.documents.typst_runner import PdfFailed
from tests.cast import NOW
from tests.factories import make_inquiry, make_report

SLUG = "warm-homes-inquiry"


@pytest.fixture
def report(committee, clerk, officer, cabinet_member):
    inquiry = make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member)
    return make_report(inquiry, clerk)


def export(format, output, months=6, slug=SLUG, **options):
    call_command("export_progress_report", slug, str(months), format=format, output=str(output), **options)


@pytest.mark.parametrize(
    ("format", "beginning"), [("pdf", b"%PDF-"), ("docx", b"PK"), ("csv", b'\xef\xbb\xbf"Committee"'), ("json", b"{")]
)
def test_export_writes_each_format(report, tmp_path, capsys, format, beginning):
    file = tmp_path / f"report.{format}"
    export(format, file)
    assert file.read_bytes().startswith(beginning)
    assert capsys.readouterr().out == f"Wrote {file}: Warm Homes Inquiry: Interim Progress Report (6 months on).\n"
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_writes_report_to_stdout(report, capsysbinary):
    export("json", "-")
    assert json.loads(capsysbinary.readouterr().out)["months_on"] == 6


def test_export_has_no_exempt_text(report, clerk, capsysbinary):
    update = report.updates.for_page().first()
    progress.save_update(
        update, version=0, text="A draft.", exempt_text="A secret.", exempt_paragraph=3, by=clerk, now=NOW
    )
    export("json", "-")
    out = capsysbinary.readouterr().out.decode()
    found = json.loads(out)
    assert [[r["reference"] for r in row["recommendations"]] for row in found["responses"]] == [
        ["1a", "1b"],
        ["2"],
        ["10"],
    ]
    assert (found["draft"], found["after_meeting"]) == (True, False)
    assert "A draft." in out
    assert "A secret." not in out


def test_export_has_ratings(committee, clerk, officer, cabinet_member, capsysbinary):
    inquiry = make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member)
    make_report(inquiry, clerk, at=Stage.ASSESSED)
    export("json", "-")
    found = json.loads(capsysbinary.readouterr().out)
    assert found["after_meeting"] is True
    assert [row["assessment"]["rating"] for row in found["responses"]] == [1, 2, 3]


def test_replaced_file_keeps_permissions(report, tmp_path):
    file = tmp_path / "report.csv"
    file.write_text("old")
    file.chmod(0o640)
    export("csv", file)
    assert b"Warm Homes Inquiry" in file.read_bytes()
    assert stat.S_IMODE(file.stat().st_mode) == 0o640


def test_writes_through_symlink(report, tmp_path):
    file, link = tmp_path / "report.csv", tmp_path / "link.csv"
    link.symlink_to(file)
    export("csv", link)
    assert link.is_symlink()
    assert b"Warm Homes Inquiry" in file.read_bytes()


def test_interrupted_export_keeps_file(report, tmp_path, monkeypatch):
    def full(source, target):
        raise OSError(28, "No space left on device")

    file = tmp_path / "report.csv"
    file.write_text("old")
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(CommandError, match="cannot be written: No space left on device"):
        export("csv", file)
    assert file.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["report.csv"]


@pytest.mark.parametrize(
    ("slug", "months", "message"),
    [
        ("nothing", 6, "There is no inquiry “nothing”."),
        (SLUG, 12, "“Warm Homes Inquiry” has no progress report 12 months on. There are reports for these months: 6."),
        (SLUG, 10**30, "has no progress report"),
    ],
)
def test_export_without_report(report, tmp_path, slug, months, message):
    with pytest.raises(CommandError) as error:
        export("csv", tmp_path / "report.csv", months=months, slug=slug)
    assert message in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_export_to_missing_folder(report, tmp_path):
    with pytest.raises(CommandError, match="cannot be written: No such file or directory"):
        export("csv", tmp_path / "nowhere" / "report.csv")


def test_export_to_a_folder(report, tmp_path):
    with pytest.raises(CommandError, match="cannot be written: Is a directory"):
        export("csv", tmp_path)


def test_export_of_unprintable_report(report, tmp_path, monkeypatch):
    def fail(content):
        raise PdfFailed("The PDF took too long to make and was given up.")

    monkeypatch.setitem(data_formats.RENDERERS, "pdf", fail)
    with pytest.raises(CommandError, match="took too long"):
        export("pdf", tmp_path / "report.pdf")
    assert list(tmp_path.iterdir()) == []


def test_rejects_unknown_format(report, tmp_path):
    with pytest.raises(CommandError, match="invalid choice: 'odt'"):
        call_command("export_progress_report", SLUG, "6", "--format", "odt", "--output", str(tmp_path / "r"))

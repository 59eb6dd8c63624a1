"""`manage.py build_pack`: what it writes and says, and that nothing is stored."""

import pikepdf
import pytest
from django.core.management import CommandError, call_command

from inquiries.actions.meetings import add_item
from inquiries.documents.typst_runner import PdfFailed
from inquiries.management.commands import build_pack as command
from inquiries.models import AgendaPack, Entry, PackPlan
from tests import factories
from tests.cast import NOW
from tests.documents.pack_agenda import MARKER, put_paper, put_papers


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "storage"


@pytest.fixture
def meeting(committee, clerk):
    meeting = factories.make_meeting(committee)
    add_item(meeting, title="Apologies", by=clerk, now=NOW)
    put_papers(meeting, "Transport", (3, "Buses"), (2, MARKER, 3), by=clerk)
    return meeting


def build(meeting, output, edition="public", **options):
    call_command("build_pack", str(getattr(meeting, "pk", meeting)), edition=edition, output=str(output), **options)


def labels(path):
    with pikepdf.open(path) as opened:
        return [page.label for page in opened.pages]


def test_build_writes_public_pack(meeting, tmp_path, capsys):
    file = tmp_path / "pack.pdf"
    build(meeting, file)
    assert capsys.readouterr().out == (
        f"Wrote {file}: Agenda pack: Communities Select Committee, 15 December 2026, pages 1 - 6.\n"
        "3 - 6  2. TRANSPORT\n"
    )
    assert labels(file)[2:] == ["3", "4", "5", "6"]


def test_build_writes_restricted_pack(meeting, tmp_path, capsys):
    file = tmp_path / "pack.pdf"
    build(meeting, file, "restricted")
    assert capsys.readouterr().out.splitlines()[1:] == ["3 - 6  2. TRANSPORT", "E1 - E2  2. TRANSPORT"]
    assert labels(file)[2:] == ["3", "4", "5", "6", "E1", "E2"]


def test_build_single_sided(meeting, tmp_path, capsys):
    file = tmp_path / "pack.pdf"
    build(meeting, file, single_sided=True)
    assert "2 - 4  2. TRANSPORT" in capsys.readouterr().out
    assert len(labels(file)) == 4


def test_build_supplement(meeting, clerk, tmp_path, capsys):
    put_paper(meeting.items.get(number=2), 1, "Late figures", by=clerk, supplement=1)
    build(meeting, tmp_path / "pack.pdf", supplement=1)
    assert "Supplement 1: Communities Select Committee" in capsys.readouterr().out


def test_build_pack_stores_nothing(meeting, tmp_path):
    before = Entry.objects.count()
    build(meeting, tmp_path / "pack.pdf")
    assert (AgendaPack.objects.count(), PackPlan.objects.count(), Entry.objects.count()) == (0, 0, before)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["pack.pdf", "storage"]


def test_build_progress_by_verbosity(meeting, tmp_path, capsys):
    build(meeting, tmp_path / "pack.pdf", verbosity=2)
    assert "0 of " in capsys.readouterr().out
    build(meeting, tmp_path / "pack.pdf", verbosity=0)
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"meeting": 10**30}, "There is no meeting 1000000"),
        ({"supplement": 3}, "This meeting has no supplement 3. It has: agenda."),
        ({"output": "nowhere/pack.pdf"}, "cannot be written: No such file or directory."),
    ],
)
def test_build_reports_errors(meeting, tmp_path, options, message):
    output = tmp_path / options.pop("output", "pack.pdf")
    with pytest.raises(CommandError) as error:
        build(options.pop("meeting", meeting), output, **options)
    assert message in str(error.value)
    assert not output.exists()


def test_build_restricted_without_exempt(committee, clerk, tmp_path):
    meeting = factories.make_meeting(committee)
    put_papers(meeting, "Transport", (1, "Buses"), by=clerk)
    with pytest.raises(CommandError, match="Nothing in this pack is exempt, so it has no restricted edition"):
        build(meeting, tmp_path / "pack.pdf", "restricted")


def test_build_with_missing_file(meeting, tmp_path):
    document = meeting.items.get(number=2).documents.get(title="Buses")
    document.file.storage.delete(document.file.name)
    with pytest.raises(CommandError, match="The file of the paper “Buses” is missing"):
        build(meeting, tmp_path / "pack.pdf")
    assert not (tmp_path / "pack.pdf").exists()


def test_build_fails_to_bind(meeting, tmp_path, monkeypatch):
    def fail(*args):
        raise PdfFailed("The pack took too long to bind and was given up.")

    monkeypatch.setattr(command, "build", fail)
    with pytest.raises(CommandError, match="took too long"):
        build(meeting, tmp_path / "pack.pdf")

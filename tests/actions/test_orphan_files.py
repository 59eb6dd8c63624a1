"""Files that belong to no record, and temporary ones that were left behind, are deleted after a day, and no others."""

import os
import tempfile
from datetime import timedelta

import psycopg
import pytest
from django.core.files.base import ContentFile
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from inquiries.actions import meetings
from inquiries.actions.orphan_files import find_orphans
from inquiries.models import AgendaDocument, AgendaPack, EvidenceFile, Inquiry, ReportEdition
from tests.cast import NOW
from tests.factories import make_meeting, make_received

TWO_DAYS = timedelta(days=2)


@pytest.fixture
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "files"
    return settings.MEDIA_ROOT


@pytest.fixture
def paper(files, committee, clerk):
    item = meetings.add_item(make_meeting(committee), title="Budget", kind="papers", by=clerk, now=NOW)
    return meetings.add_paper(item, make_received(), title="Budget", by=clerk, now=NOW)


def stored(field):
    return field.storage.save(f"{field.upload_to}orphan", ContentFile(b"orphan"))


def orphans(now):
    return sorted(name for _, name in find_orphans(now=now))


@pytest.mark.django_db(transaction=True)
def test_finds_orphans_of_every_kind_after_a_day(files):
    kinds = {
        AgendaDocument: "file",
        AgendaPack: "file",
        EvidenceFile: "file",
        Inquiry: "report_file",
        ReportEdition: "pdf",
    }
    made = sorted(stored(model._meta.get_field(name)) for model, name in kinds.items())
    now = timezone.now()
    assert orphans(now) == orphans(now + timedelta(hours=23)) == []
    assert orphans(now + timedelta(hours=25)) == made


@pytest.mark.django_db(transaction=True)
def test_deletes_orphans_and_keeps_what_has_a_record(paper, monkeypatch, capsys, tmp_path):
    orphan = stored(AgendaDocument._meta.get_field("file"))
    beside = paper.file.storage.save("heads.txt", ContentFile(b"of nobody's"))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    left, young = tmp_path / "scrutiny-pack-left", tmp_path / "scrutiny-upload-young"
    for folder in (left, young):
        folder.mkdir()
        (folder / "page.pdf").touch()
    os.utime(left, (0, 0))
    later = timezone.now() + TWO_DAYS
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)
    call_command("delete_orphan_files", "--dry-run")
    assert capsys.readouterr().out == f"{orphan}\n{left}\nfound: 1 in storage, 1 temporary\n"
    assert paper.file.storage.exists(orphan) and left.exists()
    call_command("delete_orphan_files")
    assert capsys.readouterr().out == f"{orphan}\n{left}\ndeleted: 1 in storage, 1 temporary\n"
    assert not paper.file.storage.exists(orphan) and not left.exists()
    assert paper.file.storage.exists(paper.file.name) and paper.file.storage.exists(beside) and young.exists()


@pytest.mark.django_db(transaction=True)
def test_leaves_what_a_running_transaction_may_name(files):
    with psycopg.connect(**connection.get_connection_params()) as other:
        other.execute("SELECT 1")
        orphan = stored(AgendaDocument._meta.get_field("file"))
        assert orphans(timezone.now() + TWO_DAYS) == []
        other.rollback()
        assert orphans(timezone.now() + TWO_DAYS) == [orphan]


def test_file_stays_where_the_commit_may_have_been_done(paper, clerk, monkeypatch):
    before = set(paper.file.storage.listdir("agenda-documents")[1])

    def lose_connection(*args, **kwargs):
        raise OperationalError("The connection was lost.")

    monkeypatch.setattr(meetings, "write_paper_entry", lose_connection)
    with pytest.raises(OperationalError), transaction.atomic():
        meetings.add_paper(paper.item, make_received(), title="Again", by=clerk, now=NOW)
    assert len(set(paper.file.storage.listdir("agenda-documents")[1]) - before) == 1

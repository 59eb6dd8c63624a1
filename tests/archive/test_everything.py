"""One of every record, made by the actions: its archive is whole, and says what was withdrawn."""

import json
import subprocess

import pytest

from inquiries.actions.packs import withdraw_pack
from inquiries.archive.export import export_archive
from inquiries.models import AgendaDocument, AgendaPack, EvidenceFile, SignedMinutes
from tests.archive.test_export import check_links, rows_of, schema
from tests.cast import NOW
from tests.history.conftest import LATER, make_everything


@pytest.fixture
def exported(
    transactional_db, inquiry, committee, clerk, officer, contributor, chair, member, tmp_path, settings
):  # as tests.history.conftest.everything, committed
    settings.MEDIA_ROOT = tmp_path / "media"
    make_everything(inquiry, committee, clerk, officer, contributor, chair, member)
    withdraw_pack(AgendaPack.objects.public().get(), reason="A wrong paper.", by=clerk, now=LATER)
    assert export_archive(tmp_path / "archive", now=NOW, restricted=True) == []
    return tmp_path / "archive"


def test_archive_of_everything(exported):
    for part in ("public", "restricted"):
        checked = subprocess.run(["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=exported / part, check=False)
        assert checked.returncode == 0
        check_links(exported / part)
    for kind in ("committees", "inquiries", "meetings"):
        for file in (exported / "public" / "data" / kind).iterdir():
            schema(exported / "public", kind).validate(json.loads(file.read_text()))
    empty = []
    for file in sorted((exported / "restricted" / "data").glob("*.jsonl")):
        validator = schema(exported / "restricted", file.stem)
        lines = file.read_text(encoding="utf-8").splitlines()
        for line in lines:
            validator.validate(json.loads(line))
        empty += [] if lines else [file.stem]
    assert empty == []


def test_withdrawn_pack_and_files_are_where_they_belong(exported):
    public = {row["SHA-256"] for row in rows_of(exported / "public" / "index.csv")}
    restricted = {row["SHA-256"]: row["File"] for row in rows_of(exported / "restricted" / "index.csv")}
    withdrawn = AgendaPack.objects.get(edition="public", withdrawn_at__isnull=False)
    assert withdrawn.checksum not in public
    assert restricted[withdrawn.checksum].endswith("agenda pack withdrawn.pdf")
    texts = [path.read_text() for path in (exported / "public" / "meetings").iterdir()]
    assert len([text for text in texts if "Reason: A wrong paper." in text]) == 1
    assert len([text for text in texts if "What was decided" in text and "Signed minutes (PDF)" in text]) == 1
    assert SignedMinutes.objects.get().checksum in public
    allowed = EvidenceFile.objects.get(allowed_at__isnull=False)
    assert allowed.checksum in public
    # No pack that is public carries its papers any more.
    papers = set(AgendaDocument.objects.filter(removed_at=None).values_list("checksum", flat=True))
    assert papers <= set(restricted)
    assert not papers & public

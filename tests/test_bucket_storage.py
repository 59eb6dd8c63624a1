"""Uploaded files in S3-compatible storage: the same as in a folder, on a real server of that kind."""

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import boto3
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import timezone

from inquiries.actions import evidence_files, packs, publication
from inquiries.actions.expiry import expire
from inquiries.actions.orphan_files import find_orphans
from inquiries.check_history import changed_files
from inquiries.models import AgendaDocument, ProgressReport, ReportEdition
from setup import image_steps
from tests.cast import NOW
from tests.database import PREFIX
from tests.factories import make_agenda, make_meeting, make_received, walk
from tests.pack_building import build_quickly
from tests.test_backups import address, done, server
from tests.test_settings import refusal_of, settings_with
from tests.views.officer.conftest import report, update

LATER = NOW + timedelta(hours=3)
__all__ = ["report", "server", "update"]


@pytest.fixture(scope="module")
def endpoint():
    """The address of an S3-compatible server."""
    port = image_steps.free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    image_steps.wait_for_port(port)
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait(timeout=20)


@pytest.fixture
def make_bucket(endpoint):
    """A function that makes a bucket of a name, as boto3 knows it."""
    service = boto3.resource(
        "s3", endpoint_url=endpoint, region_name="eu-west-2", aws_access_key_id="key", aws_secret_access_key="secret"
    )

    def make(name):
        place = {"LocationConstraint": "eu-west-2"}
        return service.create_bucket(Bucket=name, CreateBucketConfiguration=place)

    return make


def keys(bucket):
    return sorted(stored.key for stored in bucket.objects.all())


@pytest.fixture
def bucket(endpoint, make_bucket, settings, request):
    """A bucket that the application uses for its files."""
    name = request.node.name.replace("_", "-")[:60]
    options = {"bucket_name": name, "endpoint_url": endpoint, "region_name": "eu-west-2", "path_style": True}
    options |= {"access_key": "key", "secret_key": "secret", "default_acl": None, "file_overwrite": False}
    backend = {"BACKEND": "scrutiny.bucket_storage.BucketStorage", "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": backend}
    # Nothing may fall back on a folder.
    settings.MEDIA_ROOT = "/nowhere"
    return make_bucket(name)


def test_names_are_never_taken_twice(bucket):
    first = default_storage.save("papers/a.pdf", ContentFile(b"first"))
    second = default_storage.save("papers/a.pdf", ContentFile(b"second"))
    assert first == "papers/a.pdf"
    assert first != second
    for name, content in ((first, b"first"), (second, b"second")):
        with default_storage.open(name) as file:
            assert file.read() == content
    assert keys(bucket) == sorted([first, second])
    assert default_storage.size(first) == 5
    assert default_storage.listdir("papers") == ([], sorted([first[7:], second[7:]]))
    default_storage.delete(first)
    assert not default_storage.exists(first)
    with pytest.raises(FileNotFoundError):
        default_storage.open(first)


def test_orphans_are_found(bucket, db):
    stored = default_storage.save("meeting-papers/a.pdf", ContentFile(b"%PDF"))
    folder = AgendaDocument._meta.get_field("file").upload_to.rstrip("/")
    orphan = default_storage.save(f"{folder}/orphan.pdf", ContentFile(b"%PDF"))
    assert [name for _, name in find_orphans(now=timezone.now() + timedelta(days=2))] == [orphan]
    assert default_storage.exists(stored)


def test_failures_are_those_of_files(bucket, settings):
    """Whoever stores and reads files knows OSError, and nothing of any server."""
    stored = default_storage.save("papers/a.pdf", ContentFile(b"first"))
    dead = {**settings.STORAGES["default"]["OPTIONS"], "endpoint_url": f"http://127.0.0.1:{image_steps.free_port()}"}
    settings.STORAGES = {**settings.STORAGES, "default": {**settings.STORAGES["default"], "OPTIONS": dead}}
    for act in (
        lambda: default_storage.open(stored),
        lambda: default_storage.save("papers/b.pdf", ContentFile(b"second")),
        lambda: default_storage.delete(stored),
        lambda: default_storage.exists(stored),
        lambda: default_storage.get_modified_time(stored),
        lambda: default_storage.listdir("papers"),
        lambda: default_storage.size(stored),
    ):
        with pytest.raises(OSError, match="The storage failed") as caught:
            act()
        assert not isinstance(caught.value, FileNotFoundError)


@pytest.mark.builds_anew
def test_pack_from_bucket(bucket, client, committee, clerk, monkeypatch, django_capture_on_commit_callbacks):
    """Papers are uploaded, bound, published and downloaded; what is lost is missed."""
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    build_quickly(monkeypatch)
    agenda = make_agenda(make_meeting(committee), clerk, exempt_words="Quartz Heating Ltd offers 418,250 pounds")
    with django_capture_on_commit_callbacks(execute=True):
        built = packs.build_packs(agenda, 0, by=clerk, now=NOW)
    assert len(keys(bucket)) == 4
    client.force_login(clerk)
    answer = client.get(reverse("clerk:front_sheet", args=[agenda.pk, 0]))
    assert answer.getvalue().startswith(b"%PDF")
    assert list(changed_files()) == []
    stored = built["public"].file
    with stored.open("rb") as file:
        assert file.read(5) == b"%PDF-"
    paper = AgendaDocument.objects.first()
    bucket.Object(paper.file.name).delete()
    assert len(list(changed_files())) == 1


def test_evidence_and_edition_in_bucket(
    bucket, client, update, report, officer, clerk, django_capture_on_commit_callbacks
):
    """A file that proves an update is uploaded, published with the report in every format, downloaded, and deleted."""
    received = make_received(title="Boilers", words="Every boiler in Quorvane Street.")
    file = evidence_files.add_evidence_file(update, received, title="The boiler list", by=officer, now=NOW)
    kept = evidence_files.add_evidence_file(update, received, title="The other list", by=officer, now=NOW)
    evidence_files.remove_evidence_file(kept, by=officer, now=NOW)
    address_of_file = f"/inquiries/warm-homes-inquiry/progress/6/files/{file.pk}.pdf"
    client.force_login(officer)
    assert client.get(address_of_file).getvalue().startswith(b"%PDF")
    walk(report, to="signed_off", by=clerk)
    evidence_files.allow_evidence_files(report, allowed=[file], by=clerk, now=LATER)
    publication.publish(ProgressReport.objects.get(), by=clerk, now=LATER)
    client.logout()
    assert client.get(address_of_file).getvalue().startswith(b"%PDF")
    edition = ReportEdition.objects.get()
    for kind, begin in (("pdf", b"%PDF"), ("docx", b"PK")):
        answer = client.get(f"/inquiries/warm-homes-inquiry/progress/6.{kind}")
        assert answer.getvalue().startswith(begin)
        again = client.get(f"/inquiries/warm-homes-inquiry/progress/6.{kind}", HTTP_IF_NONE_MATCH=answer["ETag"])
        assert again.status_code == 304
    assert edition.pdf.name in keys(bucket)
    with django_capture_on_commit_callbacks(execute=True):
        expire(now=NOW + timedelta(days=31), keep_notifications_days=365, keep_leavers_months=24)
    assert kept.file.name not in keys(bucket)
    assert list(changed_files()) == []


def test_backup_of_a_bucket(server, prepared_demonstration, make_bucket, endpoint, tmp_path):
    """Every file of the demonstration is in a bucket, which is backed up and restored into another."""
    first, second = make_bucket("first"), make_bucket("second")
    files = tmp_path / "files"
    database = server.take_over(prepared_demonstration, f"{PREFIX}{os.getpid()}_bucket", files)
    for path in filter(Path.is_file, files.rglob("*")):
        first.upload_file(path, path.relative_to(files).as_posix())
    storage = {
        "SCRUTINY_S3_ENDPOINT": endpoint,
        "SCRUTINY_S3_REGION": "eu-west-2",
        "SCRUTINY_S3_ACCESS_KEY": "key",
        "SCRUTINY_S3_SECRET_KEY": "secret",
        "SCRUTINY_FILES": str(tmp_path / "unused"),
    }
    council = {"DATABASE_URL": address(database), **storage}
    done("backup", tmp_path / "backups", SCRUTINY_S3_BUCKET="first", **council)
    assert len(keys(first)) > 10
    new = {**server.empty(f"{PREFIX}{os.getpid()}_bucket_new"), **storage}
    done("restore", tmp_path / "backups", SCRUTINY_S3_BUCKET="second", **new)
    assert keys(second) == keys(first)
    for name in keys(second):
        assert second.Object(name).get()["Body"].read() == (files / name).read_bytes(), name
    assert not (tmp_path / "unused").exists()


def test_bucket_needs_a_key():
    assert refusal_of(SCRUTINY_S3_BUCKET="papers", SCRUTINY_S3_ACCESS_KEY="key") == (
        "SCRUTINY_S3_BUCKET needs SCRUTINY_S3_ACCESS_KEY and SCRUTINY_S3_SECRET_KEY."
    )


def test_endpoint_is_an_address():
    assert refusal_of(SCRUTINY_S3_ENDPOINT="storage.example.org/papers").startswith(
        "SCRUTINY_S3_ENDPOINT is 'storage.example.org/papers'."
    )


def test_settings_of_a_bucket(tmp_path):
    (tmp_path / "secret").write_text("s3cret\n")
    found = settings_with(
        SCRUTINY_S3_BUCKET="papers",
        SCRUTINY_S3_ENDPOINT="https://storage.example.org/",
        SCRUTINY_S3_ACCESS_KEY="key",
        SCRUTINY_S3_SECRET_KEY_FILE=str(tmp_path / "secret"),
    )
    storage = found["STORAGES"]["default"]
    assert storage["BACKEND"] == "scrutiny.bucket_storage.BucketStorage"
    assert storage["OPTIONS"]["endpoint_url"] == "https://storage.example.org"
    assert storage["OPTIONS"]["secret_key"] == "s3cret"
    assert storage["OPTIONS"]["file_overwrite"] is False

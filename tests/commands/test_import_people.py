"""`manage.py import_people`: the same preview as on the page, and the same deed."""

from io import StringIO

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from inquiries.models import Notification, PeopleImport, Person
from tests.cast import person


@pytest.fixture
def path(tmp_path):
    return tmp_path / "people.csv"


def run_command(path, *arguments):
    words = StringIO()
    call_command("import_people", str(path), *arguments, stdout=words)
    return words.getvalue()


def test_import_people_previews(path, clerk, officer):
    path.write_text(
        "name,email,job title,shoe size\n"
        "Rhys Vaughan,rhys@wealdshire.example,,43\n"
        f"{officer.name},sian@wealdshire.example,Director,\n"
        "Ann,ann at home,,\n"
    )
    assert run_command(path) == (
        "These columns are not read: shoe size.\n"
        "Line 2: Rhys Vaughan: new\n"
        "  New person.\n"
        "Line 3: Siân Llŷr-Ôwain: changed\n"
        "  Job title: from “Head of Customer Access” to “Director”.\n"
        "Line 4: Ann: error\n"
        "  “ann at home” is not an e-mail address.\n"
        "Nothing was changed. Record it with --record.\n"
    )
    assert Person.objects.count() == 2
    assert not PeopleImport.objects.exists()


def test_import_people_records(path, clerk):
    path.write_text("name,email\nRhys Vaughan,rhys@wealdshire.example\nAnn,ann at home\n")
    with pytest.raises(CommandError, match="Some rows have errors"):
        run_command(path, "--record")
    assert not PeopleImport.objects.exists()
    path.write_text("name,email\nRhys Vaughan,rhys@wealdshire.example\nAnn,\n")
    assert run_command(path, "--record", "--invite").endswith("Recorded: 2 people.\n")
    assert [notification.recipient.name for notification in Notification.objects.all()] == ["Rhys Vaughan"]


def test_asks_who_is_meant(path, clerk):
    gwen = person("Gwen Rees")
    path.write_text("name,email\nGwen Rees,gwen@wealdshire.example\n")
    assert f"  --meant 2={gwen.pk}  Gwen Rees, who has no e-mail address yet" in run_command(path)
    with pytest.raises(CommandError, match="Say first who is meant by Gwen Rees"):
        run_command(path, "--record")
    run_command(path, "--record", "--meant", f"2={gwen.pk}")
    gwen.refresh_from_db()
    assert gwen.email == "gwen@wealdshire.example"
    with pytest.raises(CommandError, match="--meant two is not understood"):
        run_command(path, "--meant", "two")


def test_refuses_other_files(path, clerk):
    with pytest.raises(CommandError, match="cannot be read"):
        run_command(path)
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(CommandError, match="an Excel workbook"):
        run_command(path)
    path.write_bytes(b"x" * (2 * 1024 * 1024 + 1))
    with pytest.raises(CommandError, match="too large"):
        run_command(path)

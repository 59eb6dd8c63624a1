"""The archive of a former council in another council's system: kept apart, as it was, once."""

import hashlib
import json
import shutil
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from inquiries.actions import former_councils
from inquiries.actions.former_councils import SUMS, import_archive, read_archive
from inquiries.archive.export import export_archive
from inquiries.check_history import changed_archives, changed_files, changed_records
from inquiries.models import Committee, Entry, FormerCouncil, FormerFile, Inquiry, Meeting, Person
from inquiries.permissions import Refused
from tests import factories
from tests.archive.test_export import files_of, largest_file
from tests.cast import NOW

pytestmark = pytest.mark.builds_anew
COUNCIL = "Wealdshire County Council"
PAGE = "/former-councils/wealdshire-county-council/"
INQUIRY = "inquiries/help-in-a-crisis-inquiry.html"


@pytest.fixture(autouse=True)
def stored_files(tmp_path, settings):
    """A storage of its own, and another council's name than that of the archive."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.COUNCIL_NAME = "Southern Weald Council"
    return tmp_path / "media"


@pytest.fixture
def copy(archive, tmp_path):
    """A copy of the archive, which a test may damage."""
    return Path(shutil.copytree(archive.folder, tmp_path / "copy"))


def bring_in(folder, **options):
    restricted = options.pop("restricted", False)
    return import_archive(read_archive(folder, restricted=restricted), now=NOW, **options)


def contents(folder):
    """{path: its bytes}."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in files_of(folder)}


def seal_again(folder):
    """Write SHA256SUMS again, as someone would who changes an archive on purpose."""
    paths = [str(path.relative_to(folder)) for path in files_of(folder) if path.name != SUMS]
    lines = [f"{hashlib.sha256((folder / path).read_bytes()).hexdigest()}  {path}\n" for path in paths]
    (folder / SUMS).write_text("".join(lines))


@pytest.mark.django_db(transaction=True)
def test_what_was_imported_is_exported_again_as_it_was(archive, tmp_path):
    """Into an empty system: every file of both parts, byte for byte, JSON by JSON."""
    call_command("import_archive", archive.folder, "--restricted")
    export_archive(tmp_path / "again", now=NOW, restricted=True)
    for part in ("public", "restricted"):
        kept = tmp_path / "again" / part / "former-councils" / "wealdshire-county-council"
        assert contents(kept) == contents(archive.folder / part)
    again = json.loads((tmp_path / "again" / "public" / "data" / "archive.json").read_text())
    digest = hashlib.sha256((archive.folder / "public" / SUMS).read_bytes()).hexdigest()
    assert [(f["council"], f["checksum"]) for f in again["former_councils"]] == [(COUNCIL, digest)]
    assert (again["council"], again["committees"]) == ("Southern Weald Council", [])
    assert (Person.objects.count(), Committee.objects.count(), Inquiry.objects.count()) == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_own_records_and_pages_stay_as_they_are(archive, tmp_path, committee, clerk, cabinet_member, client):
    """Beside a committee, an inquiry and a meeting of the same names and addresses."""
    own = factories.make_inquiry(committee, clerk, cabinet_member=cabinet_member, title="Help in a Crisis Inquiry")
    factories.make_report(own, clerk, at="published")
    factories.make_meeting(committee)
    before = contents_of_export(tmp_path / "before")
    pages = ["/committees/communities/", f"/{INQUIRY.replace('.html', '/')}", "/meetings/"]
    shown = [page_text(client, page) for page in pages]
    bring_in(archive.folder)
    after = contents_of_export(tmp_path / "after")
    # But for what says of when, and of which history, it is.
    says_more = {"index.html", "README.txt", "data/archive.json", SUMS}
    assert {k: v for k, v in after.items() if k not in says_more and not k.startswith("former-councils/")} == {
        k: v for k, v in before.items() if k not in says_more
    }
    assert [page_text(client, page) for page in pages] == shown
    assert "Safer School Streets" not in shown[0]
    assert "Safer School Streets" in page_text(client, f"{PAGE}committees/communities.html")


def contents_of_export(folder):
    export_archive(folder, now=NOW)
    return contents(folder / "public")


def page_text(client, address):
    response = client.get(address)
    assert response.status_code == 200, address
    return response.content.decode()


@pytest.mark.django_db(transaction=True)
def test_two_former_councils_and_the_former_council_of_one(archive, tmp_path, committee, settings):
    """Weald's archive passes through the archive of the council that took it over, and is kept beside that."""
    bring_in(archive.folder, restricted=True)
    export_archive(tmp_path / "southern", now=NOW, restricted=True)
    for council in FormerCouncil.objects.all():
        council.files.all().delete()
        council.delete()
    settings.COUNCIL_NAME = "Sussex and Weald Council"
    done = bring_in(tmp_path / "southern", restricted=True)
    assert [str(council) for council, _ in done] == ["Southern Weald Council", COUNCIL]
    assert sorted(FormerCouncil.objects.values_list("slug", flat=True)) == [
        "southern-weald-council",
        "wealdshire-county-council",
    ]
    export_archive(tmp_path / "sussex", now=NOW, restricted=True)
    for part in ("public", "restricted"):
        former = tmp_path / "sussex" / part / "former-councils"
        assert contents(former / "wealdshire-county-council") == contents(archive.folder / part)
        southern = contents(tmp_path / "southern" / part)
        own = {path: data for path, data in southern.items() if not path.startswith("former-councils/")}
        assert contents(former / "southern-weald-council") == own
    sentences = list(Entry.objects.filter(verb="import_archive").order_by("pk").values_list("sentence", flat=True))
    assert sentences[-1].endswith("files, from the archive of Southern Weald Council")


@pytest.mark.django_db
def test_history_says_where_it_came_from(archive):
    [(council, count)] = bring_in(archive.folder)
    entry = Entry.objects.get(verb="import_archive")
    assert str(entry) == (
        f"Scrutiny imported the archive of {COUNCIL}, made on 23 November 2026: the public part, {count} files"
    )
    assert entry.changes["public_checksum"] == ["", council.public_checksum]
    assert list(changed_archives()) == []
    assert list(changed_files()) == []


@pytest.mark.django_db(transaction=True)
def test_tampering_with_what_was_imported_is_found(archive):
    [(council, _)] = bring_in(archive.folder)
    assert list(changed_records()) == []
    kept = council.files.get(path=f"data/{INQUIRY.replace('html', 'json')}")
    Path(kept.file.path).write_text("{}")
    [finding] = changed_files()
    assert finding.endswith("is not the one that was kept.")
    FormerFile.objects.filter(pk=kept.pk).update(checksum=hashlib.sha256(b"{}").hexdigest())
    assert list(changed_files()) == []
    assert list(changed_records()) == [
        f"The files of the public archive of {COUNCIL} are not those that were imported."
    ]


@pytest.mark.django_db
def test_nothing_twice(archive, stored_files, capsys):
    call_command("import_archive", archive.folder)
    before = (FormerFile.objects.count(), Entry.objects.count(), len(files_of(stored_files)))
    call_command("import_archive", archive.folder)
    assert (FormerFile.objects.count(), Entry.objects.count(), len(files_of(stored_files))) == before
    first, second = capsys.readouterr().out.splitlines()
    assert first == f"{COUNCIL}: {before[0]} files have been imported. {PAGE}"
    assert second == f"{COUNCIL}: it has been imported already, nothing was done. {PAGE}"
    # The rest of the same archive later.
    [(council, count)] = bring_in(archive.folder, restricted=True)
    assert count == council.files.filter(is_restricted=True).count() == len(files_of(archive.folder / "restricted")) - 1


@pytest.mark.django_db
def test_later_archive_replaces_an_earlier_one_where_it_is_asked_for(
    archive, copy, stored_files, django_capture_on_commit_callbacks
):
    bring_in(archive.folder, restricted=True)
    facts = json.loads((copy / "public" / "data" / "archive.json").read_text())
    facts["made_on"] = (NOW + timedelta(days=30)).isoformat()
    (copy / "public" / "data" / "archive.json").write_text(json.dumps(facts))
    seal_again(copy / "public")
    with pytest.raises(CommandError, match=r"made on 23 November 2026, has been imported already; .* --replace"):
        call_command("import_archive", copy)
    with django_capture_on_commit_callbacks(execute=True):
        call_command("import_archive", copy, "--replace")
    council = FormerCouncil.objects.get()
    assert (council.archived_on, council.restricted_checksum) == (NOW + timedelta(days=30), "")
    assert len(files_of(stored_files)) == council.files.count() == len(files_of(copy / "public")) - 1
    assert list(changed_archives()) == []


def change(folder):
    page = folder / "public" / INQUIRY
    page.write_bytes(page.read_bytes().replace(b"Help", b"Hemp", 1))


def remove(folder):
    (folder / "public" / INQUIRY).unlink()


def lead_out(folder):
    (folder / "secret.txt").write_text("Mine.")
    digest = hashlib.sha256(b"Mine.").hexdigest()
    with (folder / "public" / SUMS).open("a") as sums:
        sums.write(f"{digest}  ../secret.txt\n")


def link_out(folder):
    (folder / "secret.txt").write_text("Mine.")
    (folder / "public" / "link.txt").symlink_to(folder / "secret.txt")
    digest = hashlib.sha256(b"Mine.").hexdigest()
    with (folder / "public" / SUMS).open("a") as sums:
        sums.write(f"{digest}  link.txt\n")


def cut_sums(folder):
    sums = folder / "public" / SUMS
    sums.write_text(sums.read_text()[:-30] + "\x00")


def list_twice(folder):
    sums = folder / "public" / SUMS
    sums.write_text(sums.read_text() * 2)


def no_sums(folder):
    (folder / "public" / SUMS).unlink()


def newer(folder):
    set_fact(folder, format=2, a_new_field=True)


def another_part(folder):
    set_fact(folder, part="restricted")


def way_out(folder):
    set_fact(folder, former_councils=[{"council": "A", "folder": "former-councils/..", "checksum": "0"}])


def set_fact(folder, **values):
    path = folder / "public" / "data" / "archive.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
    seal_again(folder / "public")


def set_page(folder, **values):
    path = folder / "public" / f"data/{INQUIRY.replace('html', 'json')}"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))
    seal_again(folder / "public")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (change, f"is damaged, so nothing was imported: {INQUIRY} has been changed. Copy the archive again."),
        (remove, f"{INQUIRY} is missing"),
        (lead_out, "../secret.txt leads out of the archive"),
        (link_out, "link.txt leads out of the archive"),
        (cut_sums, "SHA256SUMS is damaged or missing, so nothing was imported."),
        (list_twice, "a file is listed twice"),
        (no_sums, "is no archive: it has no public/SHA256SUMS."),
        (newer, "was made by a newer version of Scrutiny (form 2; this one reads form 1). Update this installation"),
        (another_part, "does not say what it is an archive of"),
        (lambda folder: set_fact(folder, council="x" * 201), "does not say what it is an archive of"),
        (lambda folder: set_fact(folder, council="\x00 "), "does not say what it is an archive of"),
        (lambda folder: set_fact(folder, made_on="2026-02-30T09:00:00Z"), "does not say what it is an archive of"),
        (way_out, "names the folder former-councils/.., which is none of former councils"),
        (lambda folder: set_page(folder, title=["a list"]), "is not of the form that it should have"),
        (lambda folder: set_page(folder, received_on="yesterday"), "is not of the form that it should have"),
        (lambda folder: set_page(folder, more="a field"), "is not of the form that it should have"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_damaged_archive_is_refused(copy, stored_files, damage, sentence):
    damage(copy)
    with pytest.raises(CommandError) as refused:
        call_command("import_archive", copy)
    assert sentence in str(refused.value)
    assert not FormerCouncil.objects.exists()
    assert not stored_files.exists()


def test_no_archive_and_no_restricted_part(copy, tmp_path):
    with pytest.raises(Refused, match="is no archive"):
        read_archive(tmp_path)
    shutil.rmtree(copy / "restricted")
    with pytest.raises(Refused, match="has no restricted part"):
        read_archive(copy, restricted=True)


@pytest.mark.django_db
def test_parts_of_two_archives_are_not_put_together(copy):
    set_fact(copy, made_on=(NOW + timedelta(days=1)).isoformat())
    with pytest.raises(Refused, match="are not of the same archive"):
        read_archive(copy, restricted=True)


@pytest.mark.django_db(transaction=True)
def test_all_of_it_or_nothing(copy, stored_files):
    """A file that changes between the check and the copying undoes the whole, files too."""
    councils = read_archive(copy)
    (copy / "public" / councils[0][0].files[-1][0]).write_text("Changed.")
    with pytest.raises(Refused, match="was changed while it was imported"):
        former_councils.import_archive(councils, now=NOW)
    assert (FormerCouncil.objects.count(), FormerFile.objects.count(), Entry.objects.count()) == (0, 0, 0)
    assert files_of(stored_files) == []


@pytest.mark.django_db(transaction=True)
def test_full_disk_leaves_nothing_of_an_import(archive, stored_files):
    with largest_file(50_000), pytest.raises(CommandError, match=r"File too large. Nothing was imported"):
        call_command("import_archive", archive.folder)
    assert (FormerCouncil.objects.count(), FormerFile.objects.count()) == (0, 0)
    assert files_of(stored_files) == []


@pytest.mark.django_db
def test_council_of_the_same_name_as_ours_is_kept_apart(archive, client):
    with override_settings(COUNCIL_NAME=COUNCIL):
        bring_in(archive.folder)
        assert "a council before Wealdshire County Council" in page_text(client, PAGE)
    assert not Meeting.objects.exists()

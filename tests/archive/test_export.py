"""What is in an archive: readable, complete, checked, and nothing in its public part that is not public."""

import csv
import hashlib
import html
import json
import re
import resource
import subprocess
import threading
import tracemalloc
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import html5lib
import pypdfium2
import pytest
from django.conf import settings
from django.core.files.storage import FileSystemStorage
from django.core.management import CommandError, call_command
from django.db import connection, models
from django.db.models.fields.files import FieldFile
from jsonschema import Draft202012Validator, FormatChecker
from referencing import Registry, Resource

from inquiries import models as records
from inquiries.archive import export
from inquiries.archive.export import ArchiveError, export_archive
from inquiries.archive.folder import INDEX, ArchiveFolder, file_name
from inquiries.archive.restricted_part import NOT_ARCHIVED, archived_models
from inquiries.models import Committee, ReportEdition
from tests import factories
from tests.cast import NOW
from tests.word_text import texts_of_docx

PARTS = ("public", "restricted")
pytestmark = pytest.mark.builds_anew


def files_of(folder):
    return sorted(path for path in Path(folder).rglob("*") if path.is_file())


def rows_of(path):
    return list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines()))


@pytest.mark.parametrize("part", PARTS)
def test_sha256sum_accepts_every_file(archive, part):
    folder = archive.folder / part
    done = subprocess.run(
        ["sha256sum", "--check", "--strict", "SHA256SUMS"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    listed = [line[66:] for line in (folder / "SHA256SUMS").read_text().splitlines()]
    assert sorted(listed) == [str(p.relative_to(folder)) for p in files_of(folder) if p.name != "SHA256SUMS"]


def test_names_are_readable_and_safe_on_windows(archive):
    names = [path.relative_to(archive.folder) for path in files_of(archive.folder)]
    assert Path("public/files/2026/2026-12-08 Communities Select Committee agenda pack.pdf") in names
    assert len({str(name).casefold() for name in names}) == len(names)
    for name in names:
        assert len(str(name)) < 200
        for word in name.parts:
            assert not re.search(r'[<>:"\\|?*\x00-\x1f]|[. ]$', word), name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("2026-01-01 Häuser: “Damp”?/\\*", "2026-01-01 Häuser “Damp”"),
        ("con", "_con"),
        ("LPT1.draft", "_LPT1.draft"),
        ("../../etc/passwd", "etc passwd"),
        ("trailing. . ", "trailing"),
        ("line\nand\u202etab\t", "line andtab"),
        ("\u200b", "_"),
        ("x" * 500, "x" * 110),
        ("ö" * 500, "ö" * 90),
    ],
)
def test_file_name(text, name):
    assert file_name(text) == name


def test_same_names_are_told_apart_and_formulas_are_text(tmp_path):
    with ArchiveFolder(tmp_path / "part", title="public") as folder:
        for title in ("=HYPERLINK(1)", "=hyperlink(1)"):
            folder.add(title, ".pdf", [b"%PDF"], day=None, kind="Paper", title=title)
        links = folder.write_index()
    assert [link.page for link in links] == ["documents/000001-to-000002.html"]
    rows = rows_of(tmp_path / "part" / "index.csv")
    assert [row["Title"] for row in rows] == ["'=HYPERLINK(1)", "'=hyperlink(1)"]
    assert [row["File"] for row in rows] == ["files/undated/=HYPERLINK(1).pdf", "files/undated/=hyperlink(1) (2).pdf"]


def test_large_file_is_copied_in_pieces(tmp_path):
    storage = FileSystemStorage(tmp_path)
    (tmp_path / "large.pdf").write_bytes(b"x" * 40_000_000)
    file = FieldFile(None, models.FileField(storage=storage), "large.pdf")
    with ArchiveFolder(tmp_path / "part", title="public") as folder:
        tracemalloc.start()
        assert folder.add_kept(file, "", "Large", ".pdf", day=None, title="Large").size == 40_000_000
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert most < 4_000_000


def test_what_was_published_is_there_byte_for_byte(archive):
    rows = rows_of(archive.folder / "public" / "index.csv")
    assert tuple(rows[0]) == INDEX
    found = {row["SHA-256"] for row in rows}
    assert len(archive.published) == 12
    assert archive.published <= found
    for row in rows:
        file = archive.folder / "public" / row["File"]
        assert (hashlib.sha256(file.read_bytes()).hexdigest(), file.stat().st_size) == (
            row["SHA-256"],
            int(row["Bytes"]),
        )
    withheld = {row["SHA-256"] for row in rows_of(archive.folder / "restricted" / "index.csv")}
    assert len(archive.withheld) == 2
    assert archive.withheld <= withheld
    assert not withheld & found


def test_public_part_has_nothing_exempt_unpublished_or_personal(archive):
    assert len(archive.secrets) > 5
    assert len(archive.addresses) > 5
    for path in files_of(archive.folder / "public"):
        data = path.read_bytes()
        if path.suffix == ".pdf":
            pages = pypdfium2.PdfDocument(data)
            text = "\n".join(page.get_textpage().get_text_range() for page in pages)
        elif path.suffix == ".docx":
            text = "\n".join(text for _, text in texts_of_docx(data))
        else:
            text = data.decode()
        flat = " ".join(text.split())
        for secret in archive.secrets | archive.addresses:
            assert " ".join(secret.split()) not in flat, f"{secret} in {path}"


def test_public_part_has_what_meetings_left(archive):
    public = archive.folder / "public"
    committee = (public / "committees" / "communities.html").read_text()
    inquiry = (public / "inquiries" / "help-in-a-crisis-inquiry.html").read_text()
    meetings = " ".join(path.read_text() for path in (public / "meetings").iterdir())
    for text, page in (
        ("Bus services in villages: evidence for an inquiry", committee),
        ("Lead or contact: Head of Passenger Transport", committee),
        ("Community transport in the Hart Valley: report by Siân Llŷr-Ôwain, signed off by", meetings),
        ('<ul class="govuk-list"><li>Mrs Joan Tidewell, item 3. Help in a Crisis Inquiry: She is a member', meetings),
        ("RESOLVED: that community transport in the Hart Valley is taken", meetings),
        ("the rating of recommendation 5a was entered here by mistake", inquiry),
        ("List the meetings of partner agencies", inquiry),
    ):
        assert text in html.unescape(page), text


def test_restricted_part_has_people_with_roles_and_no_addresses(archive):
    folder = archive.folder / "restricted"
    people = {row["Name"]: row["Roles"] for row in rows_of(folder / "people.csv")}
    assert set(people) == archive.names
    assert people["Carys Whitlock"] == "Clerk"
    assert people["Councillor Harold Penrose"].startswith("Chair of Communities Select Committee, 20")
    for path in files_of(folder):
        if path.suffix != ".pdf":
            text = path.read_text(encoding="utf-8")
            assert not {address for address in archive.addresses if address in text}, path


def test_every_model_is_archived_or_says_why_not():
    every = {m.__name__ for m in vars(records).values() if isinstance(m, type) and issubclass(m, models.Model)}
    assert {model.__name__ for model in archived_models()} == every - set(NOT_ARCHIVED)
    assert set(NOT_ARCHIVED) <= every


def schema(folder, name):
    found = json.loads((folder / "data" / "schemas" / f"{name}.schema.json").read_text())
    Draft202012Validator.check_schema(found)
    # The schema of a pack names the other one by its file.
    report = json.loads((settings.BASE_DIR / "docs" / "progress-report.schema.json").read_text())
    known = Registry().with_resource("progress-report.schema.json", Resource.from_contents(report))
    return Draft202012Validator(found, format_checker=FormatChecker(), registry=known)


def test_public_data_follow_their_schemas(archive):
    folder = archive.folder / "public"
    for kind in ("committees", "inquiries", "meetings"):
        files = list((folder / "data" / kind).iterdir())
        assert files
        for file in files:
            schema(folder, kind).validate(json.loads(file.read_text()))
            assert (folder / kind / f"{file.stem}.html").is_file()
    schema(folder, "archive").validate(json.loads((folder / "data" / "archive.json").read_text()))
    schema(folder, "archive").validate(
        json.loads((archive.folder / "restricted" / "data" / "archive.json").read_text())
    )
    kinds = {"Agenda pack": "agenda-pack", "Progress report": "progress-report"}
    checked = 0
    for row in rows_of(folder / "index.csv"):
        if row["File"].endswith(".json"):
            schema(folder, kinds[row["Kind"]]).validate(json.loads((folder / row["File"]).read_text()))
            checked += 1
    assert checked == 7


def test_restricted_rows_follow_their_schemas(archive):
    folder = archive.folder / "restricted"
    counts = {}
    for model in archived_models():
        validator = schema(folder, model.__name__)
        lines = (folder / "data" / f"{model.__name__}.jsonl").read_text(encoding="utf-8").splitlines()
        for line in lines:
            validator.validate(json.loads(line))
        counts[model.__name__] = len(lines)
    assert counts["Inquiry"] == 6
    assert counts["Person"] == len(archive.names)
    assert counts["AgendaPack"] == 3


def links_of(path):
    page = html5lib.parse(path.read_text(encoding="utf-8"), namespaceHTMLElements=False)
    assert page.findall(".//script") == []
    return [
        value
        for element in page.iter()
        for name, value in element.attrib.items()
        if name in ("href", "src") and not value.startswith(("#", "http"))
    ]


@pytest.mark.parametrize("part", PARTS)
def test_every_page_and_document_is_reached_by_links(archive, part):
    check_links(archive.folder / part)


def check_links(folder):
    """Every link leads to a file, and every page and document is led to."""
    reached, waiting = set(), [(folder / "index.html").resolve()]
    while waiting:
        path = waiting.pop()
        if path in reached:
            continue
        assert path.is_file(), path
        reached.add(path)
        if path.suffix == ".html":
            waiting += [(path.parent / unquote(urlsplit(link).path)).resolve() for link in links_of(path)]
    expected = {path for path in files_of(folder) if path.suffix != ".json" and "data" not in path.parts[-3:]}
    assert {path for path in expected if path.suffix != ".jsonl" or "history" in path.parts} <= reached


def test_history_can_be_checked_as_the_archive_says(archive):
    """By the few lines of Python in README.txt, as they are printed there."""
    folder = archive.folder / "restricted"
    lines = (folder / "README.txt").read_text().splitlines()
    start = next(n for n, line in enumerate(lines) if line.strip().startswith("import hashlib"))
    code = [line.removeprefix("    ") for line in lines[start:] if line.startswith("    ")][:6]
    with_end = "\n".join([*code, "print(entry['position'], before)"])
    done = subprocess.run(["python3", "-c", with_end], cwd=folder, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == archive.head
    assert archive.head in "\n".join(lines)
    rows = rows_of(folder / "history" / "history.csv")
    assert f"{rows[-1]['Position']} {rows[-1]['Digest']}" == archive.head
    assert any(row["What"].startswith("published the interim report") for row in rows)


def test_history_is_in_words(archive):
    text = "".join(page.read_text() for page in (archive.folder / "restricted" / "history").glob("*.html"))
    assert "Carys Whitlock published the interim report" in text
    assert "an address, which is not in the archive" in text


def test_restricted_part_only_where_it_is_asked_for(db, tmp_path, settings, everything_exported):
    assert sorted(path.name for path in everything_exported.iterdir()) == ["README.txt", "public"]


@pytest.fixture
def everything_exported(transactional_db, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path / "media"
    call_command("export_archive", tmp_path / "archive")
    return tmp_path / "archive"


@pytest.mark.django_db(transaction=True)
def test_one_moment_for_all_of_it(tmp_path, monkeypatch):
    """What others commit meanwhile is in neither part."""
    (tmp_path / ".archive.unfinished" / "public").mkdir(parents=True)  # of an export that was killed
    Committee.objects.create(name="Homes", slug="homes")
    write = export.write_restricted_part

    def add_committee():
        Committee.objects.create(name="Roads", slug="roads")
        connection.close()

    def write_later(folder, today):
        thread = threading.Thread(target=add_committee)
        thread.start()
        thread.join()
        return write(folder, today)

    monkeypatch.setattr(export, "write_restricted_part", write_later)
    export_archive(tmp_path / "archive", now=NOW, restricted=True)
    assert Committee.objects.count() == 2
    assert [path.name for path in tmp_path.iterdir()] == ["archive"]
    lines = (tmp_path / "archive" / "restricted" / "data" / "Committee.jsonl").read_text().splitlines()
    assert [json.loads(line)["name"] for line in lines] == ["Homes"]


@contextmanager
def largest_file(size):
    """The system refuses to write larger files, as it refuses to write on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.django_db(transaction=True)
def test_nothing_is_left_of_an_archive_that_could_not_be_written(tmp_path):
    Committee.objects.create(name="Homes", slug="homes")
    with largest_file(1000), pytest.raises(ArchiveError, match=r"cannot be written .* Nothing was kept"):
        export_archive(tmp_path / "archive", now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_folder_that_is_there_is_left_alone(tmp_path):
    (tmp_path / "note.txt").write_text("Mine.")
    with pytest.raises(CommandError, match="is there already"):
        call_command("export_archive", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["note.txt"]


@pytest.mark.django_db(transaction=True)
def test_missing_file_is_named(tmp_path, settings, committee, clerk, officer, cabinet_member, capsys):

    settings.MEDIA_ROOT = tmp_path / "media"
    inquiry = factories.make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member)
    factories.make_report(inquiry, clerk, at="published")
    edition = ReportEdition.objects.get()
    edition.pdf.storage.delete(edition.pdf.name)
    Path(edition.docx.path).write_bytes(b"Another file.")
    with pytest.raises(CommandError, match="without 2 of its files"):
        call_command("export_archive", tmp_path / "archive")
    readme = (tmp_path / "archive" / "public" / "README.txt").read_text()
    assert "edition 1.pdf is missing from the storage." in readme
    assert "edition 1.docx is not the file that was kept." in readme
    done = subprocess.run(
        ["sha256sum", "--check", "--quiet", "SHA256SUMS"], cwd=tmp_path / "archive" / "public", check=False
    )
    assert done.returncode == 0

"""The archive of a council that came before: read, checked, and kept as it is, apart from our own records."""

import hashlib
import json
import re
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path

from django.core.files import File
from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.text import get_text_list, slugify

from inquiries.actions import history
from inquiries.actions.records import delete_files_on_rollback, note_stored_files
from inquiries.documents.archive_content import FORMAT, PAGES, ArchiveFacts
from inquiries.documents.content import long_date
from inquiries.models import FormerCouncil, FormerFile
from inquiries.models.fields import checksum_of
from inquiries.models.former_councils import PUBLIC, RESTRICTED
from inquiries.permissions import Refused
from inquiries.serialization import field_types, from_plain_data
from inquiries.text import single_line

SUMS, FACTS, FORMER = "SHA256SUMS", "data/archive.json", "former-councils"
SUM_LINE = re.compile(r"([0-9a-f]{64})  ([^\x00-\x1f\x7f<>:\"\\|?*]{1,400})")
PAGE_DATA = re.compile(rf"data/({'|'.join(PAGES)})/[^/]+\.json")
LARGEST_PAGE = 20_000_000  # bytes of the data of one page
MOST_FINDINGS = 10
LONGEST_NAME = FormerCouncil._meta.get_field("name").max_length
LONGEST_TITLE = FormerFile._meta.get_field("title").max_length
BATCH = 200


@dataclass(frozen=True)
class ArchivePart:
    folder: Path
    facts: ArchiveFacts
    files: tuple[tuple[str, str], ...]  # (path, SHA-256), in the order of SHA256SUMS
    checksum: str  # of SHA256SUMS
    titles: dict[str, str]  # of inquiries, by the path of their data


# Reading, which changes nothing


def read_archive(folder, *, restricted=False):
    """Check an archive and read what it is: lists of the parts of each council, its own first. Raises Refused."""
    folder = Path(folder)
    if not (folder / PUBLIC / SUMS).is_file():
        raise Refused(f"{folder} is no archive: it has no {PUBLIC}/{SUMS}.")
    if restricted and not (folder / RESTRICTED / SUMS).is_file():
        raise Refused(f"{folder} has no restricted part. Leave out --restricted.")
    names = [PUBLIC, RESTRICTED] if restricted else [PUBLIC]
    councils = [[read_part(folder / name, name) for name in names]]
    for former in councils[0][0].facts.former_councils:
        if not re.fullmatch(rf"{FORMER}/[\w-]+", former.folder, re.ASCII):
            raise Refused(f"{folder / FACTS} names the folder {former.folder}, which is none of former councils.")
        found = [name for name in names if (folder / name / former.folder).is_dir()]
        councils.append([read_part(folder / name / former.folder, name) for name in found])
        if not found or councils[-1][0].checksum != former.checksum:
            raise Refused(f"{folder / PUBLIC / former.folder} is missing or is not the archive that was there.")
    for parts in councils:
        if len({(part.facts.council, part.facts.made_on) for part in parts}) > 1:
            raise Refused(f"{parts[0].folder} and {parts[1].folder} are not of the same archive.")
    return councils


def read_part(folder, name):
    try:
        sums = (folder / SUMS).read_bytes()
        lines = [SUM_LINE.fullmatch(line) for line in sums.decode().removesuffix("\n").split("\n")]
    except (OSError, UnicodeDecodeError):
        lines = [None]
    if not all(lines):
        raise Refused(f"{folder / SUMS} is damaged or missing, so nothing was imported.")
    files = tuple((line[2], line[1]) for line in lines)
    findings = [finding for path, checksum in files if (finding := check_file(folder, path, checksum))]
    if len(dict(files)) < len(files):
        findings.append("a file is listed twice")
    if findings:
        more = f" and {len(findings) - MOST_FINDINGS} more" if len(findings) > MOST_FINDINGS else ""
        raise Refused(
            f"{folder} is damaged, so nothing was imported: {'; '.join(findings[:MOST_FINDINGS])}{more}. "
            "Copy the archive again."
        )
    if FACTS not in dict(files):
        raise Refused(f"{folder} is no part of an archive: {SUMS} does not list {FACTS}.")
    facts = read_facts(folder, name)
    titles = {}
    for path, _ in files:
        if page := PAGE_DATA.fullmatch(path):
            content = read_page_data((folder / path).read_bytes(), PAGES[page[1]], folder / path)
            if page[1] == "inquiries":
                titles[path] = single_line(content.title)[:LONGEST_TITLE]
    return ArchivePart(folder, facts, files, hashlib.sha256(sums).hexdigest(), titles)


def check_file(folder, path, checksum):
    """What is wrong with a file of an archive, in words; "" where nothing is."""
    file = folder / path
    # Neither ".." nor a link leads out of the archive.
    if not file.resolve().is_relative_to(folder.resolve()) or Path(path).is_absolute():
        return f"{path} leads out of the archive"
    if not file.is_file():
        return f"{path} is missing"
    with file.open("rb") as stream:
        return "" if hashlib.file_digest(stream, "sha256").hexdigest() == checksum else f"{path} has been changed"


def read_facts(folder, name):
    raw = (folder / FACTS).read_bytes()
    try:
        form = json.loads(raw)["format"]
    except (ValueError, KeyError, TypeError):
        form = None
    if isinstance(form, int) and form > FORMAT:
        raise Refused(
            f"{folder} was made by a newer version of Scrutiny (form {form}; this one reads form {FORMAT}). "
            "Update this installation first."
        )
    facts = read_page_data(raw, ArchiveFacts, folder / FACTS)
    facts = replace(facts, council=single_line(facts.council))
    try:
        made_on = parse_datetime(facts.made_on)
    except ValueError:  # the thirtieth of February
        made_on = None
    is_named = 0 < len(facts.council) <= LONGEST_NAME
    if facts.part != name or not is_named or made_on is None or made_on.tzinfo is None:
        raise Refused(f"{folder / FACTS} does not say what it is an archive of, so nothing was imported.")
    return facts


def read_page_data(raw, kind, path):
    """The content of a page from its JSON. Raises Refused where it is something else."""
    try:
        if len(raw) > LARGEST_PAGE:
            raise ValueError("too large")
        content = from_plain_data(kind, json.loads(raw))
        check_types(content, kind)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Refused(f"{path} is not of the form that it should have, so nothing was imported.") from error
    return content


def check_types(value, kind):
    """Raise TypeError where a text or number of a dataclass is something else."""
    if is_dataclass(kind):
        hints = field_types(kind)
        for field in fields(kind):
            check_types(getattr(value, field.name), hints[field.name])
    elif kind in (str, int, bool):
        if type(value) is not kind:
            raise TypeError(f"{value!r} is no {kind.__name__}")
    elif arguments := getattr(kind, "__args__", ()):
        if isinstance(value, tuple):
            kinds = arguments if arguments[-1] is not Ellipsis else [arguments[0]] * len(value)
            for item, one in zip(value, kinds, strict=True):
                check_types(item, one)
        elif value is not None:
            check_types(value, arguments[0])


# Recording


@delete_files_on_rollback()
@transaction.atomic
def import_archive(councils, *, now, replaces=False):
    """Record what `read_archive` gave, all of it or nothing; what has been recorded before is left as it is.

    `replaces` puts another archive of a council in the place of the one that is there. Returns [(FormerCouncil, the
    number of files that are new)]. Raises Refused.
    """
    own = councils[0][0].facts.council
    return [import_council(parts, own, now, replaces) for parts in councils]


def import_council(parts, own, now, replaces):
    facts = parts[0].facts
    made_on = parse_datetime(facts.made_on)
    council = FormerCouncil.objects.select_for_update().filter(name=facts.council).first()
    if council is None:
        council = FormerCouncil(name=facts.council, slug=free_slug(facts.council))
    elif council.public_checksum != parts[0].checksum:
        if not replaces:
            raise Refused(
                f"Another archive of {council}, made on {long_date(council.archived_on)}, has been imported already; "
                f"this one was made on {long_date(made_on)}. To put it in the place of the other, add --replace."
            )
        delete_files(council)
    before = (council.public_checksum, council.restricted_checksum)
    new = [part for part in parts if not checksum_in(council, part)]
    if not new:
        return council, 0
    council.archived_on, council.imported_on = made_on, now
    for part in new:
        setattr(council, f"{part.facts.part}_checksum", part.checksum)
    council.save()
    count = sum(keep_files(council, part) for part in new)
    names = get_text_list([f"{part.facts.part} part" for part in new], "and")
    source = f", from the archive of {own}" if own != council.name else ""
    history.write(
        "import_archive",
        council,
        f"imported the archive of {council}, made on {long_date(made_on)}: the {names}, {count} files{source}",
        by=None,
        now=now,
        changes={
            "public_checksum": (before[0], council.public_checksum),
            "restricted_checksum": (before[1], council.restricted_checksum),
        },
    )
    return council, count


def checksum_in(council, part):
    return getattr(council, f"{part.facts.part}_checksum") == part.checksum


def free_slug(name):
    wanted = slugify(name)[:90] or "council"
    slug, number = wanted, 1
    while FormerCouncil.objects.filter(slug=slug).exists():
        number += 1
        slug = f"{wanted}-{number}"
    return slug


def keep_files(council, part):
    is_restricted, batch = part.facts.part == RESTRICTED, []
    for position, (path, checksum) in enumerate(part.files, start=1):
        source = part.folder / path
        kept = FormerFile(
            council=council,
            is_restricted=is_restricted,
            position=position,
            path=path,
            checksum=checksum,
            size=source.stat().st_size,
            title="" if is_restricted else part.titles.get(path, ""),
        )
        with source.open("rb") as stream:
            ending = "".join(re.findall(r"\.[a-z]{1,5}$", path))
            kept.file.save(f"{checksum}{ending}", File(stream), save=False)
        note_stored_files(kept.file)
        if checksum_of(kept.file) != checksum:
            raise Refused(f"{source} was changed while it was imported, so nothing was imported.")
        batch.append(kept)
        if len(batch) == BATCH:
            FormerFile.objects.bulk_create(batch)
            batch = []
    FormerFile.objects.bulk_create(batch)
    return len(part.files)


def delete_files(council):
    """What another archive of the same council is to replace: the rows now, the files once that is settled."""
    stored = [(file.file.storage, file.file.name) for file in council.files.only("file").iterator()]
    council.files.all().delete()
    council.restricted_checksum = ""
    transaction.on_commit(lambda: [storage.delete(name) for storage, name in stored])

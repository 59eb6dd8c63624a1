"""An archive: what a council's scrutiny has left, as plain files that are readable without this software.

    DIR/                    made under another name, and renamed when it is whole
        README.txt
        public/             what everybody may read
        restricted/         only where it is asked for: what is kept for the record and not public

Each part has its front page, index.csv and SHA256SUMS; docs/archive.md describes them. `actions/former_councils.py`
imports an archive.
"""

import shutil
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from inquiries.archive.folder import SUMS, ArchiveFolder, pieces_of
from inquiries.archive.public_part import write_public_part
from inquiries.archive.restricted_part import write_restricted_part
from inquiries.backup import snapshot
from inquiries.documents.archive_content import FORMAT, ArchiveFacts, FormerArchive
from inquiries.models import FormerCouncil, Seal
from inquiries.models.former_councils import PUBLIC, RESTRICTED
from inquiries.serialization import to_plain_data
from scrutiny.version import application_version

README = "README.txt"
UNFINISHED = ".unfinished"


class ArchiveError(Exception):
    """The message says what is wrong and what to do."""


def export_archive(folder, *, now, restricted=False):
    """Write the archive to a folder that is not there yet. Returns sentences about kept files that are missing."""
    folder = Path(folder).resolve()
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ArchiveError(f"{folder} is there already. Name a folder that does not exist.")
    unfinished = folder.with_name(f".{folder.name}{UNFINISHED}")
    try:
        if unfinished.exists():
            shutil.rmtree(unfinished)  # of an export that was killed
        unfinished.mkdir(parents=True)
        with snapshot():
            missing = write_part(unfinished, PUBLIC, now)
            missing += write_part(unfinished, RESTRICTED, now) if restricted else []
        text = render_to_string("archive/README.txt", {"council": settings.COUNCIL_NAME, "restricted": restricted})
        (unfinished / README).write_text(text, encoding="utf-8")
        if folder.exists():
            folder.rmdir()
        unfinished.rename(folder)
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise ArchiveError(
            f"The archive cannot be written to {error.filename or folder} ({error.strerror}). Nothing was kept of it."
        ) from error
    except BaseException:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise
    return missing


def write_part(archive, part, now):
    today = timezone.localdate(now)
    with ArchiveFolder(archive / part, title=part, mode=0o755 if part == PUBLIC else 0o700) as folder:
        if part == PUBLIC:
            facts = {"committees": write_public_part(folder, now)}
        else:
            facts = {"history": write_restricted_part(folder, today)}
        last = Seal.objects.order_by("-position").first()
        content = ArchiveFacts(
            format=FORMAT,
            version=application_version(),
            council=settings.COUNCIL_NAME,
            made_on=now.isoformat(timespec="seconds"),
            part=part,
            history_head=f"{last.position} {last.digest}" if last else "",
            former_councils=write_former_councils(archive / part, part),
            documents=folder.write_index(),
            missing=tuple(folder.missing),
            **facts,
        )
        folder.write_data("data/archive.json", to_plain_data(content))
        folder.write_page("index.html", "archive/page.html", body="archive/index.html", content=content, now=now)
        about = {"council": settings.COUNCIL_NAME, "part": part, "restricted": part == RESTRICTED, "content": content}
        folder.write(README, [render_to_string("archive/README.txt", about).encode()])
        folder.write("style.css", [(settings.BASE_DIR / "static" / "css" / "archive.css").read_bytes()])
    return folder.missing


def write_former_councils(target, part):
    """The archives of councils before this one, byte for byte as they were imported."""
    found = []
    for council in FormerCouncil.objects.all():
        files = council.files.filter(is_restricted=part == RESTRICTED).listed()
        checksum = council.restricted_checksum if part == RESTRICTED else council.public_checksum
        if not checksum:
            continue
        folder = target / "former-councils" / council.slug
        folder.mkdir(parents=True)
        with (folder / SUMS).open("w", encoding="utf-8", newline="\n") as sums:
            for kept in files.iterator():
                path = folder / kept.path
                path.parent.mkdir(parents=True, exist_ok=True)
                with path.open("xb") as file:
                    try:
                        file.writelines(pieces_of(kept.file))
                    except FileNotFoundError:
                        raise ArchiveError(f"{kept} is missing from the storage. Restore it from a backup.") from None
                sums.write(f"{kept.checksum}  {kept.path}\n")
        found.append(FormerArchive(council.name, f"former-councils/{council.slug}", checksum))
    return tuple(found)

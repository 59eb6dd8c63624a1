"""The folder of one part of an archive: names that every system can read, checksums, and the index in CSV."""

import hashlib
import json
import re
import tempfile
from contextlib import ExitStack
from itertools import islice
from pathlib import Path

from django.conf import settings
from django.template.loader import render_to_string

from inquiries.documents.archive_content import ArchivedFile, Link
from inquiries.documents.data_formats import csv_lines, to_json_bytes
from inquiries.documents.safe_text import without_controls

SUMS = "SHA256SUMS"
PIECE = 1024 * 1024
INDEX = ("Kind", "Committee", "Inquiry", "Date", "Title", "Edition", "File", "SHA-256", "Bytes", "Page")
NAMES = [heading.lower().replace("-", "_") for heading in INDEX]
ROWS_ON_A_PAGE = 200
NOT_IN_NAMES = re.compile(r'[<>:"/\\|?*\s]+')  # Windows refuses them
RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)
LONGEST, MOST_BYTES = 110, 180  # of a name without its ending; a path below it stays under the 260 of Windows


def file_name(text):
    """A text as the name of a file, without ending."""
    name = NOT_IN_NAMES.sub(" ", without_controls(text)).strip(" .-")[:LONGEST]
    name = name.encode()[:MOST_BYTES].decode(errors="ignore").rstrip(" .")
    return f"_{name}" if RESERVED.match(name) or not name else name


class ArchiveFolder:
    """Write what belongs to one part, each file once; `missing` says which kept files could not be written."""

    def __init__(self, folder, *, title, mode=0o755):
        self.folder, self.title, self.missing = Path(folder), title, []
        self.folder.mkdir(parents=True, mode=mode)
        self.names: set[str] = set()

    def __enter__(self):
        with ExitStack() as opened:
            self.sums = opened.enter_context((self.folder / SUMS).open("w", encoding="utf-8", newline="\n"))
            self.index = opened.enter_context(tempfile.TemporaryFile("w+", encoding="utf-8"))
            self.opened = opened.pop_all()
        return self

    def __exit__(self, *error):
        self.opened.close()

    def free_path(self, folder, text, ending):
        """A path in `folder` named after `text` that no other file has, whatever their case."""
        name, number = file_name(text), 1
        while (path := f"{folder}/{name}{f' ({number})' if number > 1 else ''}{ending}").casefold() in self.names:
            number += 1
        self.names.add(path.casefold())
        return path

    def write(self, path, pieces, *, title="", expected=""):
        """Write the pieces (bytes) of a file. None where it is not the file with the SHA-256 that is expected."""
        target, digest, size = self.folder / path, hashlib.sha256(), 0
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as file:
            try:
                for piece in pieces:
                    file.write(piece)
                    digest.update(piece)
                    size += len(piece)
            except FileNotFoundError:  # of the storage
                target.unlink()
                raise
        if expected and digest.hexdigest() != expected:
            target.unlink()
            return None
        self.sums.write(f"{digest.hexdigest()}  {path}\n")
        return ArchivedFile(title, path, digest.hexdigest(), size)

    def write_data(self, path, data):
        return self.write(path, [to_json_bytes(data)])

    def write_page(self, path, template, **context):
        up = "../" * path.count("/")
        page = render_to_string(template, {"council": settings.COUNCIL_NAME, "up": up, "part": self.title, **context})
        return self.write(path, [page.encode()])

    def add(self, name, ending, pieces, *, day, expected="", **about):
        """Write a document under a readable name and list it in the index: an ArchivedFile, None where it is missing.

        `about` are values of the index, and `title`.
        """
        path = self.free_path(f"files/{day.year if day else 'undated'}", f"{day or ''} {name}", ending)
        try:
            file = self.write(path, pieces, title=about["title"], expected=expected)
        except FileNotFoundError:
            self.missing.append(f"{path} is missing from the storage.")
            return None
        if file is None:
            self.missing.append(f"{path} is not the file that was kept.")
            return None
        known = {"date": str(day or ""), "file": path, "sha_256": file.checksum, "bytes": file.size, **about}
        row = [known.get(name, "") for name in NAMES]
        self.index.write(f"{json.dumps(row)}\n")
        return file

    def add_kept(self, file, checksum, name, ending, **about):
        """The same of a file of the storage, byte by byte: only if it is the one that was kept."""
        return self.add(name, ending, pieces_of(file), expected=checksum, **about)

    def write_index(self):
        """Write the index in CSV and as pages. Returns links to these."""
        self.index.seek(0)
        self.write("index.csv", csv_lines(INDEX, map(json.loads, self.index)))
        self.index.seek(0)
        links, first = [], 1
        while rows := [json.loads(line) for line in islice(self.index, ROWS_ON_A_PAGE)]:
            last = first + len(rows) - 1
            page, title = f"documents/{first:06}-to-{last:06}.html", f"Documents {first} to {last}"
            named = [dict(zip(NAMES, row, strict=True)) for row in rows]
            self.write_page(page, "archive/page.html", body="archive/documents.html", title=title, rows=named)
            links.append(Link(title, page))
            first = last + 1
        return tuple(links)


def pieces_of(file):
    with file.storage.open(file.name, "rb") as stored:
        yield from iter(lambda: stored.read(PIECE), b"")

"""Building the packs of one issue: one at a time, with its progress to be seen, and again only where words changed."""

import hashlib
import shutil
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from django.core.files import File
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from inquiries.actions import history
from inquiries.actions.meetings import locked_meeting
from inquiries.actions.packs.issues import check_exists, current_contents, latest_packs, saved_plan
from inquiries.actions.stored_files import delete_files_on_rollback, note_stored_files
from inquiries.documents.pack.build import PaperFile, build
from inquiries.documents.pack.content import fingerprint, to_json
from inquiries.documents.pdf import PdfFailed
from inquiries.models import AgendaDocument, AgendaPack, PackEntry, PackPaper, PackPlan
from inquiries.permissions import Refused, check_can
from inquiries.uploads.paper import PageFacts

# Longer than any build may take: afterwards whoever claimed it is taken for dead.
LEASE = timedelta(minutes=10)


class Busy(Refused):
    """Somebody else is building or publishing this at this moment."""


def build_packs(meeting, supplement, *, by, now, say=None, notice=None):
    """Build the packs of an issue from what stands on the agenda now. Returns {edition: AgendaPack}.

    A pack that shows the current words already is kept, unless its file has been lost or altered.
    `say(step, done, total)` hears of the progress, which also stands in the PackPlan; `notice(sentence)` of what a
    clerk should look at on the pages, which also stands in the history. Raises Refused (also while somebody else is
    building) or PdfFailed.
    """
    check_can("administer", by, meeting, timezone.localdate(now))
    check_exists(meeting, supplement)
    plan = saved_plan(meeting, supplement)
    with claimed(plan, by=by, now=now):
        contents = current_contents(meeting, supplement, plan)
        packs = latest_packs(meeting, supplement)
        if _are_current(packs, contents):
            return {edition: packs[edition] for edition in contents}

        def tell(step, done, total):
            PackPlan.objects.filter(pk=plan.pk).update(step=step, done=done, total=total)
            if say:
                say(step, done, total)

        with TemporaryDirectory(prefix="agenda-pack-") as folder:
            papers = paper_files(contents, Path(folder))
            built = build(contents, papers, Path(folder), tell)
            kept = _keep(meeting, supplement, contents, built, by=by, now=now)
    for sentence in _noticed(built) if notice else ():
        notice(sentence)
    return kept


@contextmanager
def claimed(plan, *, by, now):
    """Hold the plan for a while, so that nobody else builds or publishes it. Raises Busy where somebody does.

    Why it failed is left in the plan for the page that shows the progress.
    """
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    mine = now + LEASE
    claim = PackPlan.objects.filter(free, pk=plan.pk)
    start = {"claimed_until": mine, "started_at": now, "started_by": by}
    if not claim.update(**start, step="Getting ready", done=0, total=0, failure=""):
        other = PackPlan.objects.select_related("started_by").get(pk=plan.pk).started_by
        raise Busy(f"{other} is building this pack at this moment. Wait until it is ready.")
    failure = "Something went wrong. Try again; if it happens again, tell whoever looks after this system."
    try:
        yield
        failure = ""
    except (Refused, PdfFailed) as error:
        failure = str(error)
        raise
    finally:
        PackPlan.objects.filter(pk=plan.pk, claimed_until=mine).update(claimed_until=None, step="", failure=failure)


def paper_files(contents, folder):
    """The kept files of the papers of `contents`, copied into `folder`: {pk: PaperFile}. Raises PdfFailed.

    Copied, because the storage need not be a folder of this machine; a file that changed there is found out.
    """
    wanted = {
        paper.pk: paper
        for content in contents.values()
        for item in content.items
        for paper in (*item.papers, *item.exempt_papers)
    }
    files = {}
    for document in AgendaDocument.objects.filter(pk__in=wanted).order_by("pk"):
        path = folder / f"paper-{document.pk}.pdf"
        try:
            with document.file.open("rb") as kept, path.open("wb") as copy:
                shutil.copyfileobj(kept, copy)
        except FileNotFoundError:
            raise PdfFailed(f"The file of the paper “{document.title}” is missing. Upload it again.") from None
        if _checksum(path) != document.checksum:
            raise PdfFailed(f"The file of the paper “{document.title}” is not what was uploaded. Upload it again.")
        pages = tuple(PageFacts(**page) for page in document.pages)
        files[document.pk] = PaperFile(path=path, pages=pages, tagging=document.tagging, language=document.language)
    return files


def is_whole(pack):
    """Whether the file of a pack is there, byte for byte as it was built."""
    try:
        with pack.file.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == pack.checksum
    except FileNotFoundError:
        return False


def _noticed(built):
    """What was noticed while building, each sentence once: the pages of Part 1 are in both editions."""
    return list(dict.fromkeys(warning for pack in built.values() for warning in pack.warnings))


def _are_current(packs, contents):
    return all(_is_current(packs.get(edition), content) for edition, content in contents.items())


def _is_current(pack, content):
    # A published pack stays what it was, whatever has become of its file.
    return (
        pack is not None
        and pack.fingerprint == fingerprint(content)
        and (pack.published_at is not None or is_whole(pack))
    )


@delete_files_on_rollback()
@transaction.atomic
def _keep(meeting, supplement, contents, built, *, by, now):
    meeting = locked_meeting(meeting, by=by, now=now)
    latest, kept = latest_packs(meeting, supplement), {}
    files = {pack.name: (f"{pack.file.name} {pack.checksum}", None) for pack in latest.values()}
    for edition, content in contents.items():
        before = latest.pop(edition, None)
        if _is_current(before, content):
            kept[edition] = before
            continue
        discard(before)
        kept[edition] = _store(meeting, supplement, content, built[edition], by=by, now=now)
    # Nothing is exempt any more: a restricted pack that nobody has published is of no use.
    for pack in latest.values():
        discard(pack)
    names = ", ".join(pack.name for pack in kept.values())
    # As a note, because a sentence has room for 500 characters.
    for pack in kept.values():
        files[pack.name] = (files.get(pack.name, (None,))[0], f"{pack.file.name} {pack.checksum}")
    said, noticed = f"built {names}", " ".join(_noticed(built))
    history.write("build_packs", meeting, said, by=by, now=now, changes=files, note=noticed)
    return kept


def _store(meeting, supplement, content, built, *, by, now):
    issued = meeting.packs.filter(edition=content.edition, supplement=supplement)
    pack = AgendaPack(
        meeting=meeting,
        edition=content.edition,
        supplement=supplement,
        number=issued.count() + 1,
        checksum=built.checksum,
        fingerprint=fingerprint(content),
        content=to_json(content),
        first_page=built.first_page,
        last_page=built.last_page,
        last_exempt_page=built.last_exempt_page,
        is_accessible=built.is_accessible,
        built_at=now,
        built_by=by,
    )
    with built.path.open("rb") as file:
        # The name tells nothing but which pack it is: the file can be older than its publication.
        pack.file.save(f"{meeting.pk}-{pack.edition}-{supplement}-{built.checksum[:16]}.pdf", File(file), save=False)
    note_stored_files(pack.file)
    pack.save()
    PackEntry.objects.bulk_create(
        PackEntry(pack=pack, item_id=item, exempt=exempt, first_page=first, last_page=last)
        for item, exempt, first, last in built.entries
    )
    PackPaper.objects.bulk_create(
        PackPaper(pack=pack, document_id=document, first_page=first) for document, first in built.papers
    )
    return pack


def discard(pack):
    """Delete a build that was never published, with its file once the transaction is through."""
    if pack is None or pack.published_at is not None:
        return
    storage, name = pack.file.storage, pack.file.name
    pack.delete()

    def delete():
        # What takes the place of a lost file gets its name.
        if not AgendaPack.objects.filter(file=name).exists():
            storage.delete(name)

    transaction.on_commit(delete)


def _checksum(path):
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

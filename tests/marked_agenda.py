"""An agenda that bears a marker wherever something is withheld, for the tests that look for it everywhere else."""

import hashlib
from dataclasses import replace
from functools import cache
from io import BytesIO

import pikepdf

from inquiries.actions import meetings, packs, progress
from inquiries.choices import ItemKind
from inquiries.uploads.process_upload import process_paper
from tests import factories
from tests.cast import NOW
from tests.documents.papers import changed, make_paper
from tests.replay import replayed

MARKER = "Quorvexin"
LEAK = f"The bid of {MARKER} was the lowest"


@cache
def sealed(pages=3, words=f"{LEAK}."):
    """An exempt paper with the marker wherever a file can hold one, as it is received."""

    def mark(opened):
        with opened.open_outline() as outline:
            outline.root.append(pikepdf.OutlineItem(f"{MARKER} bookmark", 0))
        opened.docinfo["/Subject"] = f"{MARKER} subject"
        opened.Root.StructTreeRoot.K[0]["/Alt"] = pikepdf.String(f"A chart of {MARKER}")

    pdf = changed(make_paper(pages, title=f"{MARKER} offer", words=words), mark)
    received = process_paper(BytesIO(pdf), f"{MARKER}-offer.pdf")
    # All sample papers share some sentences, and what is exempt stands nowhere else.
    return replace(received, page_texts=(words, *("" for _ in received.page_texts[1:])))


@replayed
def make_county(committee, people):
    """A meeting whose agenda has a public paper, a report with an exempt part, and an exempt paper; all by name."""
    clerk = people["clerk"]
    leads = {part: people[part] for part in ("officer", "other_officer", "cabinet_member")}
    inquiry = factories.make_inquiry(committee, clerk, **leads)
    meeting = factories.make_meeting(committee)
    report = factories.make_report(inquiry, clerk, meeting=meeting)
    for update in report.updates.for_page():
        exempt = {"exempt_text": f"{MARKER} is ill.", "exempt_paragraph": 1} if update.reference == "2" else {}
        contributors = [people["contributor"]] if update.reference == "1a" else []
        words = f"Work on {update.response.references} is going well."
        saved = progress.save_update(
            update, version=0, text=words, contributors=contributors, by=clerk, now=NOW, **exempt
        )
        progress.submit_update(saved, version=saved.version, by=clerk, now=NOW)
    for sign_off in report.sign_offs.all():
        progress.record_sign_off(sign_off, evidence_note="A letter.", by=clerk, now=NOW)
    factories.make_agenda(meeting, clerk, report=report)
    item = meetings.add_item(meeting, title="A contract", kind=ItemKind.PAPERS, by=clerk, now=NOW)
    paper = meetings.add_paper(item, sealed(), title=f"{MARKER} tender", exempt_paragraph=3, by=clerk, now=NOW)
    return {"inquiry": inquiry, "meeting": meeting, "report": report, "item": item, "paper": paper}


@replayed
def build_county(committee, people):
    """The same with its packs built, which nobody has published."""
    county = make_county(committee, people)
    packs.build_packs(county["meeting"], 0, by=people["clerk"], now=NOW)
    return county


@replayed
def publish_county(committee, people):
    """The same with its packs published."""
    county = make_county(committee, people)
    packs.publish_packs(county["meeting"], 0, by=people["clerk"], now=NOW)
    return county


def alter(pack, change):
    """Put the file of a pack that nobody has published into the storage changed, with its checksum."""
    with pack.file.open("rb") as file:
        pdf = changed(file.read(), change)
    with pack.file.storage.open(pack.file.name, "wb") as file:
        file.write(pdf)
    pack.checksum = hashlib.sha256(pdf).hexdigest()
    pack.save(update_fields=["checksum"])


def _attach(opened):
    opened.attachments["a.txt"] = pikepdf.AttachedFileSpec(opened, LEAK.encode(), filename="a.txt")


def _bookmark(opened):
    with opened.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(LEAK, 0))


def _metadata(opened):
    with opened.open_metadata() as metadata:
        metadata["dc:description"] = f"About {LEAK}"


def _page(opened):
    with pikepdf.open(BytesIO(make_paper(words=f"{LEAK}."))) as other:
        opened.pages.append(other.pages[0])


PLANTED = {
    "property": lambda opened: opened.docinfo.__setitem__("/Keywords", LEAK),
    "metadata": _metadata,
    "bookmark": _bookmark,
    "attachment": _attach,
    "alternative text": lambda opened: opened.Root.StructTreeRoot.K[0].__setitem__("/Alt", pikepdf.String(LEAK)),
    "page": _page,
}

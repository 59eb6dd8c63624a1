"""Publishing: the words and files are kept as they were printed, and no exempt word is among them."""

import hashlib
from datetime import date, timedelta
from io import BytesIO

import docx
import pdfplumber
import pytest

from inquiries.actions import assessments, history, progress, publication
from inquiries.choices import ExemptParagraph, Rating, Stage
from inquiries.documents.content import from_json
from inquiries.documents.progress_report import for_content, progress_report_content
from inquiries.documents.typst_runner import PdfFailed
from inquiries.models import Entry, Notification, ReportEdition
from inquiries.permissions import Refused
from inquiries.serialization import to_plain_data
from tests import factories, replay
from tests.cast import NOW

LATER = NOW + timedelta(hours=1)
SECRET = "Marigold Pemberton-Quill"


@pytest.fixture
def quick_files(monkeypatch):
    """For tests that are not about the files; each is another, as in life."""
    with replay.state.patched("files hold their content and are not searched"):
        monkeypatch.setattr(publication, "progress_report_pdf", lambda content: f"%PDF- {content}".encode())
        monkeypatch.setattr(publication, "progress_report_docx", lambda content: f"PK {content}".encode())
        monkeypatch.setattr(publication, "search_report", lambda *report: [])


@pytest.fixture
def report(inquiry, clerk):
    """Signed off. The first update has an exempt part that names somebody."""
    report = factories.make_report(inquiry, clerk)
    progress.save_update(
        report.updates.for_page().first(),
        version=0,
        text="",
        exempt_text=f"{SECRET} has complained.",
        exempt_paragraph=ExemptParagraph.INDIVIDUAL,
        by=clerk,
        now=NOW,
    )
    for update in report.updates.for_page():
        saved = progress.save_update(
            update,
            version=update.version,
            text=f"Work on {update.response.references} is going well.",
            exempt_text=update.exempt_text,
            exempt_paragraph=update.exempt_paragraph,
            by=clerk,
            now=NOW,
        )
        progress.submit_update(saved, version=saved.version, by=clerk, now=NOW)
    progress.record_sign_off(report.sign_offs.get(), evidence_note="An e-mail.", by=clerk, now=NOW)
    report.refresh_from_db()
    assert report.stage == Stage.SIGNED_OFF
    return report


def kept_in(file):
    with file.open() as opened:
        return opened.read()


def words_of_pdf(data):
    with pdfplumber.open(BytesIO(data)) as pdf:
        return " ".join(" ".join(page.extract_text() for page in pdf.pages).split())


def words_of_docx(data):
    document = docx.Document(BytesIO(data))
    return " ".join("".join(node.text or "" for node in document.element.iter() if node.tag.endswith("}t")).split())


def test_publish_keeps_content_and_checksums(report, clerk):
    edition = publication.publish(report, by=clerk, now=LATER)
    report.refresh_from_db()
    assert (report.stage, report.published_at, report.published_by) == (Stage.PUBLISHED, LATER, clerk)
    edition = ReportEdition.objects.get(pk=edition.pk)
    assert (edition.number, edition.after_meeting, edition.published_at, edition.published_by) == (
        1,
        False,
        LATER,
        clerk,
    )
    assert from_json(edition.content) == progress_report_content(for_content().get())
    assert edition.content["draft"] is False
    pdf, word = kept_in(edition.pdf), kept_in(edition.docx)
    assert edition.pdf_checksum == hashlib.sha256(pdf).hexdigest()
    assert edition.docx_checksum == hashlib.sha256(word).hexdigest()
    for words in (words_of_pdf(pdf), words_of_docx(word)):
        assert "Work on 2 is going well." in words
        assert "to be assessed" in words
    # Neither in what is kept nor in the raw files.
    for kept in (str(edition.content), words_of_pdf(pdf), words_of_docx(word)):
        assert "Marigold" not in kept
        assert "complained" not in kept
    assert edition.content["rows"][0]["exempt"] == {
        "paragraph": 1,
        "description": "Information relating to any individual",
        "text": "",
    }


def test_publish_publishes_inquiry_and_dates_report(quick_files, report, inquiry, clerk):
    publication.publish(report, by=clerk, now=LATER)
    inquiry.refresh_from_db()
    report.refresh_from_db()
    assert (inquiry.published_at, report.update_date) == (LATER, date(2026, 11, 23))
    entry = Entry.objects.latest("pk")
    assert str(entry) == "Carys Whitlock published the interim report (6 months on)"
    assert entry.inquiry_id == inquiry.pk


def test_publish_keeps_update_date(quick_files, inquiry, clerk, committee):
    report = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED, meeting=factories.make_meeting(committee))
    assert report.update_date == date(2026, 12, 15)
    assert report.editions.get().content["update_date"] == "2026-12-15"


def test_publish_notifies_members_once(quick_files, report, clerk, member, chair, other_member):
    publication.publish(report, by=clerk, now=LATER)
    told = Notification.objects.filter(occasion="report_published").order_by("recipient__name")
    assert [notification.recipient for notification in told] == [member, chair]


def test_publish_requires_clerk_and_sign_off(quick_files, inquiry, report, clerk, chair, officer):
    for person in (chair, officer):
        with pytest.raises(Refused, match="Only a clerk can publish"):
            publication.publish(report, by=person, now=LATER)
    early = factories.make_report(inquiry, clerk, months_on=12, at=Stage.AWAITING_SIGN_OFF)
    with pytest.raises(Refused, match="waiting for sign-off"):
        publication.publish(early, by=clerk, now=LATER)
    assert not ReportEdition.objects.exists()


def test_publish_twice_is_refused(quick_files, report, clerk):
    publication.publish(report, by=clerk, now=LATER)
    with pytest.raises(Refused, match="has been published"):
        publication.publish(report, by=clerk, now=LATER)
    assert report.editions.count() == 1


def fails_to_print(content):
    raise PdfFailed("The PDF could not be made.")


def fails_to_write(*args, **kwargs):
    raise RuntimeError("the disk is full")


@pytest.mark.parametrize(
    ("module", "name", "failure", "error"),
    [
        (publication, "progress_report_pdf", fails_to_print, PdfFailed),
        (publication, "progress_report_docx", fails_to_write, RuntimeError),
        (publication, "notify", fails_to_write, RuntimeError),
        (history, "write", fails_to_write, RuntimeError),
    ],
)
def test_failed_publish_leaves_nothing(
    quick_files, report, inquiry, clerk, member, monkeypatch, module, name, failure, error
):
    entries, notifications = Entry.objects.count(), Notification.objects.count()
    monkeypatch.setattr(module, name, failure)
    with pytest.raises(error):
        publication.publish(report, by=clerk, now=LATER)
    report.refresh_from_db()
    inquiry.refresh_from_db()
    assert (report.stage, report.update_date, inquiry.published_at) == (Stage.SIGNED_OFF, None, None)
    assert (Entry.objects.count(), Notification.objects.count(), ReportEdition.objects.count()) == (
        entries,
        notifications,
        0,
    )


def test_confirming_keeps_second_edition(quick_files, report, clerk):
    first = publication.publish(report, by=clerk, now=LATER)
    update = report.updates.for_page().first()
    assessments.assess(update, rating=Rating.CONCERNS, comment="Slow.", seen=None, by=clerk, now=LATER)
    second = factories.confirm_assessments(report, by=clerk, now=LATER)
    assert [(e.number, e.after_meeting) for e in report.editions.all()] == [(1, False), (2, True)]
    assert [row["rating"] for row in first.content["rows"]] == [None, None, None]
    assert [row["rating"] for row in second.content["rows"]] == [Rating.CONCERNS, None, None]
    assert second.content["rows"][0]["comment"] == "Slow."
    assert second.content["rows"][0]["exempt"]["text"] == ""


def test_first_edition_survives_reopening(quick_files, report, clerk):
    publication.publish(report, by=clerk, now=LATER)
    first = ReportEdition.objects.values().get()
    printed = kept_in(report.editions.get().pdf)
    chosen = next(u for u in report.updates.for_page() if u.reference == "2")
    progress.reopen(report, to=Stage.COMMISSIONED, reason="A figure.", updates=[chosen], by=clerk, now=LATER)
    report.refresh_from_db()
    assert (report.is_published, report.is_public) == (False, True)
    saved = progress.save_update(chosen, version=chosen.version, text="It was 4,200.", by=clerk, now=LATER)
    progress.submit_update(saved, version=saved.version, by=clerk, now=LATER)
    progress.record_sign_off(report.sign_offs.get(), evidence_note="An e-mail.", by=clerk, now=LATER)
    second = publication.publish(report, by=clerk, now=LATER)
    assert [edition.number for edition in report.editions.all()] == [1, 2]
    assert ReportEdition.objects.filter(number=1).values().get() == first
    assert kept_in(report.editions.get(number=1).pdf) == printed
    assert hashlib.sha256(printed).hexdigest() == first["pdf_checksum"]
    assert [edition.content["rows"][1]["update"] for edition in report.editions.all()] == [
        "Work on 2 is going well.",
        "It was 4,200.",
    ]
    assert second.pdf.name != first["pdf"]


def test_edition_keeps_published_content(quick_files, report, officer, clerk):
    publication.publish(report, by=clerk, now=LATER)
    officer.name = "Siân Another-Name"
    officer.save()
    edition = report.editions.get()
    assert edition.content["lead_officers"] == [["Siân Llŷr-Ôwain", ["1"]], ["Tom Okafor", ["2"]]]
    assert to_plain_data(progress_report_content(for_content().get()))["lead_officers"][0][0] == "Siân Another-Name"

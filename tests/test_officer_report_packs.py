"""Officer reports in packs: refused before they are signed; exempt ones are in the restricted one alone."""

import hashlib
from datetime import date

import pypdfium2
import pytest
from django.urls import reverse

from inquiries.actions import meetings, officer_reports, packs
from inquiries.choices import PackEdition
from inquiries.models import AgendaPack, OfficerReportSignature, PackPaper
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW, person
from tests.pack_building import build_quickly

pytestmark = pytest.mark.django_db
CONTACT = "Siân Llŷr-Ôwain, 01234 567890, sian@wealdshire.example"


@pytest.fixture
def meeting(committee, chair, clerk, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    return factories.make_meeting(committee, date(2027, 1, 26))


@pytest.fixture
def make_report(meeting, clerk, officer, db):
    director = person("Richard Ambrose", "richard@wealdshire.example", job_title="Director of Assurance")

    def make(**values):
        report = factories.make_officer_report(meeting, clerk, author=officer, director=director, **values)
        return factories.write_officer_report(report, officer, submit=True)

    return make


def codes(meeting):
    found = packs.findings_for(packs.plan_of(meeting, 0), now=NOW)
    return [(finding.code, finding.stops) for finding in found]


def text_of(pack):
    with pack.file.open("rb") as file, pypdfium2.PdfDocument(file) as pdf:
        text = "\n".join(page.get_textpage().get_text_bounded() for page in pdf)
    return " ".join(text.split())


def test_an_unsigned_report_is_not_published(make_report, meeting, clerk):
    report = make_report()
    assert codes(meeting) == [("officer_report_not_signed_off", True)]
    with pytest.raises(Refused) as refused:
        packs.publish_packs(meeting, 0, by=clerk, now=NOW)
    assert str(refused.value) == (
        "Item 1: The officer report “Contact centre” has not been signed off (awaiting sign-off)."
    )
    # It can follow in a supplement.
    meetings.change_item(report.item, to_follow=True, by=clerk, now=NOW)
    assert codes(meeting) == []


def test_a_reopened_report_is_not_published_although_its_paper_is_there(make_report, meeting, clerk):
    report = factories.sign_officer_report(make_report())
    assert codes(meeting) == []
    officer_reports.reopen(report, reason="A figure was wrong.", by=clerk, now=NOW)
    assert report.item.documents.on_agenda().exists()
    assert codes(meeting) == [("officer_report_not_signed_off", True)]
    officer_reports.cancel(report, by=clerk, now=NOW)
    assert codes(meeting) == [("no_paper", True)]


def test_a_paper_that_asks_for_a_sign_off_is_not_published(meeting, clerk, monkeypatch):
    build_quickly(monkeypatch)
    item = meetings.add_item(meeting, title="Budget", kind="papers", by=clerk, now=NOW)
    for words in (
        *("[Director sign-off required]", "[ Cabinet Member signed off: pending ]", "[Sign off TBC]"),
        *("[Awaiting Director's sign-off]", "(Director sign-off required)"),
    ):
        paper = meetings.add_paper(item, factories.make_received(words=(words,)), title="Budget", by=clerk, now=NOW)
        assert ("sign_off_required", True) in codes(meeting), words
        with pytest.raises(Refused, match="A sign-off is missing"):
            packs.publish_packs(meeting, 0, by=clerk, now=NOW)
        meetings.remove_paper(paper, by=clerk, now=NOW)
    meetings.add_paper(
        item, factories.make_received(words=("The sign-off [of 3 May] was required.",)), title="B", by=clerk, now=NOW
    )
    assert ("sign_off_required", True) not in codes(meeting)


def test_the_pack_takes_the_signed_report_with_its_contact_officer(make_report, meeting, clerk, client):
    factories.sign_officer_report(make_report())
    pack = packs.publish_packs(meeting, 0, by=clerk, now=NOW)
    text = text_of(pack)
    assert f"Contact officer: {CONTACT}" in text
    assert "Calls are answered sooner." in text
    assert pack.is_accessible
    page = client.get(reverse("public:meeting", args=[meeting.pk])).content.decode()
    assert f"Contact officer: {CONTACT}" in page


def test_what_is_in_the_pack_is_what_was_signed(make_report, meeting, clerk, officer, monkeypatch):
    build_quickly(monkeypatch)
    report = factories.sign_officer_report(make_report())
    paper, signature = report.document, report.signatures.get()
    assert signature.signed_checksum == officer_reports.text_checksum(report)
    for change in (
        lambda: meetings.replace_paper(paper, factories.make_received(), by=clerk, now=NOW),
        lambda: meetings.remove_paper(paper, by=clerk, now=NOW),
        lambda: meetings.change_paper(paper, exempt_paragraph=3, by=clerk, now=NOW),
    ):
        with pytest.raises(Refused, match=r"as it was signed\. Reopen the report to change it"):
            change()
    packs.publish_packs(meeting, 0, by=clerk, now=NOW)
    published = PackPaper.objects.get(document=paper).document
    with published.file.open("rb") as file:
        assert hashlib.sha256(file.read()).hexdigest() == published.checksum == paper.checksum
    # Changed after it was signed: a new version, signed again, is another paper.
    report = officer_reports.reopen(report, reason="A figure was wrong.", by=clerk, now=NOW)
    report = factories.write_officer_report(report, officer, submit=True, title="The contact centre")
    assert report.signatures.get().signed_checksum == ""
    report = factories.sign_officer_report(report)
    assert report.document != paper
    assert report.signatures.get().signed_checksum == officer_reports.text_checksum(report) != signature.signed_checksum


def test_a_signature_of_another_text_makes_no_paper(make_report):
    report = make_report()
    signature = report.signatures.get()
    OfficerReportSignature.objects.filter(pk=signature.pk).update(
        signed_at=NOW, signed_by=signature.person, signed_checksum="0" * 64
    )
    with pytest.raises(Refused, match="signed another text than this"):
        officer_reports.complete(officer_reports.fetch(report), None, by=signature.person, now=NOW)
    assert not report.item.documents.exists()


def test_an_exempt_report_is_in_the_restricted_pack_alone(make_report, meeting, clerk, client, member, stranger):
    report = factories.sign_officer_report(make_report(title="Quorvane tender", exempt_paragraph=3, item=None))
    # The item is public: its title is what a clerk makes of it.
    meetings.change_item(report.item, title="Contracts", by=clerk, now=NOW)
    public = packs.publish_packs(meeting, 0, by=clerk, now=NOW)
    restricted = AgendaPack.objects.get(edition=PackEdition.RESTRICTED)
    assert "Calls are answered sooner." in text_of(restricted)
    for text in (text_of(public), str(public.content)):
        assert "Quorvane" not in text and "answered sooner" not in text and "01234 567890" not in text
    paper = reverse("public:paper", args=[meeting.pk, report.document_id])
    for who, status in ((None, 404), (stranger, 404), (member, 200)):
        if who:
            client.force_login(who)
        response = client.get(paper)
        assert response.status_code == status
        assert b"".join(response.streaming_content).startswith(b"%PDF-") if status == 200 else True
        page = client.get(reverse("public:meeting", args=[meeting.pk])).content.decode()
        assert ("Quorvane" in page) is (status == 200)
        for name in ("officer:officer_report", "officer:officer_report_file"):
            response = client.get(reverse(name, args=[report.pk]))
            assert response.status_code == (404 if who else 302)

"""One record of every registered kind."""

from datetime import UTC, datetime
from io import BytesIO

import pikepdf
import pytest
from django.core.files.base import ContentFile

from inquiries.choices import ItemKind, PackEdition, Stage
from inquiries.models import (
    AgendaDocument,
    AgendaItem,
    AgendaPack,
    Assessment,
    Clearance,
    Entry,
    Notification,
    PackEntry,
    PackPaper,
    ReportImport,
)
from tests.cast import NOW
from tests.factories import make_meeting, make_report


def a_pdf():
    """A PDF of one empty page."""
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        kept = BytesIO()
        pdf.save(kept)
        return kept.getvalue()


@pytest.fixture
def records(inquiry, committee, clerk, cabinet_member, chair):
    """{model name: a record}, for every kind of record in the admin."""
    meeting = make_meeting(committee)
    report = make_report(inquiry, clerk, at=Stage.ASSESSED, meeting=meeting)
    item = AgendaItem.objects.create(meeting=meeting, number=7, title="Local bus fares", kind=ItemKind.PAPERS)
    document = AgendaDocument.objects.create(
        item=item,
        title="A paper",
        file=ContentFile(a_pdf(), "a.pdf"),
        original_name="Bus fares.pdf",
        page_count=1,
        uploaded_at=NOW,
        uploaded_by=clerk,
    )
    pack = AgendaPack.objects.create(
        meeting=meeting,
        edition=PackEdition.PUBLIC,
        file=ContentFile(a_pdf(), "pack.pdf"),
        checksum="0" * 64,
        content={},
        last_page=4,
        built_at=datetime(2026, 12, 1, 9, tzinfo=UTC),
        built_by=clerk,
    )
    PackEntry.objects.create(pack=pack, item=item, first_page=3, last_page=4)
    PackPaper.objects.create(pack=pack, document=document, first_page=3)
    clearance = Clearance.objects.create(
        meeting=meeting, text="Wealdbridge", reason="The town is known.", cleared_at=NOW, cleared_by=clerk
    )
    kept = ReportImport.objects.create(
        file_name="report.docx", checksum="0" * 64, draft={}, uploaded_at=NOW, uploaded_by=clerk
    )
    update = report.updates.for_page().first()
    found = [
        clerk,
        cabinet_member.cabinet_seats.get(),
        committee,
        inquiry,
        inquiry.recommendations.first(),
        update.response,
        report,
        update,
        Assessment.objects.get(update=update),
        report.sign_offs.get(),
        report.editions.first(),
        meeting,
        item,
        document,
        pack,
        clearance,
        Notification.objects.first(),
        Entry.objects.first(),
        kept,
    ]
    return {record._meta.model_name: record for record in found}

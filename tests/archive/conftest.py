"""The archive of the demonstration, made once as the command makes it; and what must, and must not, be in it."""

import pickle
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import TransactionTestCase, override_settings

from inquiries.archive.export import export_archive
from inquiries.demonstration.load import load
from inquiries.models import (
    AgendaDocument,
    AgendaPack,
    Committee,
    Inquiry,
    OfficerReport,
    Person,
    ProgressUpdate,
    ReportEdition,
    Seal,
)
from inquiries.models.fields import checksum_of
from tests.cast import NOW, TODAY
from tests.prepared_demonstration import made_once_in_a_run


@dataclass
class Archive:
    """`published` and `withheld` are the checksums of kept files; `secrets` texts that are not public."""

    folder: Path
    published: set
    withheld: set
    secrets: set
    addresses: set
    names: set
    head: str


@pytest.fixture(scope="package")
def archive(tmp_path_factory, django_db_setup, django_db_blocker):
    """Of a database that is empty again afterwards."""

    def make(folder):
        with (
            django_db_blocker.unblock(),
            override_settings(
                DEMONSTRATION=True, MEDIA_ROOT=folder / "media", COUNCIL_NAME="Wealdshire County Council"
            ),
        ):
            try:
                assert load(TODAY)
                committee = Committee.objects.get()
                Inquiry.objects.create(committee=committee, title="Quarrying in the Weald", slug="quarrying")
                assert export_archive(folder / "archive", now=NOW, restricted=True) == []
                (folder / "facts.pickle").write_bytes(pickle.dumps(facts()))
            finally:
                TransactionTestCase._fixture_teardown(None)

    folder = made_once_in_a_run(tmp_path_factory, "archive", make)
    return Archive(folder / "archive", **pickle.loads((folder / "facts.pickle").read_bytes()))


def facts():
    public, exempt = AgendaPack.objects.public(), AgendaDocument.objects.filter(exempt_paragraph__isnull=False)
    editions = ReportEdition.objects.all()
    last = Seal.objects.order_by("-position").first()
    return dict(
        published={checksum_of(file) for e in editions for file in (e.pdf, e.docx)} | {p.checksum for p in public},
        withheld={p.checksum for p in AgendaPack.objects.filter(edition="restricted", published_at__isnull=False)}
        | {paper.checksum for paper in exempt},
        secrets={text for text in ProgressUpdate.objects.exclude(exempt_text="").values_list("exempt_text", flat=True)}
        | {u.text for u in ProgressUpdate.objects.filter(report__editions=None).exclude(text="")}
        | {line for paper in exempt for page in paper.page_texts for line in page.splitlines() if len(line) > 40}
        | set(Inquiry.objects.filter(published_at=None).values_list("title", flat=True)),
        # That of a contact officer is printed in the report.
        addresses=set(Person.objects.exclude(email=None).values_list("email", flat=True))
        - set(OfficerReport.objects.values_list("contact_email", flat=True)),
        names=set(Person.objects.values_list("name", flat=True)),
        head=f"{last.position} {last.digest}",
    )

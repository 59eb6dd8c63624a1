"""Reports as files: the kept bytes, a draft for those who may read it, and no word more than on the page."""

import csv
import json
from io import BytesIO, StringIO
from zipfile import ZipFile

import pdfplumber
import pytest
from django.core.files.base import ContentFile
from django.urls import reverse

from inquiries.actions import inquiries as inquiry_actions
from inquiries.actions import progress, publication
from inquiries.choices import Stage
from inquiries.documents import data_formats
from inquiries.documents.typst_runner import PdfFailed
from inquiries.models import ProgressUpdate
from tests.cast import NOW
from tests.factories import make_report

PAGE = "/inquiries/warm-homes-inquiry/progress/6"
FORMATS = ("pdf", "docx", "csv", "json")
DRAFT, EXEMPT, BETTER, FIRST, VERDICT = "Zwergdraft", "Zwergexempt", "Zwergbetter", "Zwergfirst", "Zwergverdict"


def body(response):
    return response.whole


def words_of(data, format):
    """The text of a file, whatever its form."""
    if format == "pdf":
        with pdfplumber.open(BytesIO(data)) as pdf:
            return "\n".join(page.extract_text() for page in pdf.pages)
    if format == "docx":
        with ZipFile(BytesIO(data)) as package:
            return "\n".join(package.read(name).decode() for name in package.namelist() if name.endswith(".xml"))
    return data.decode()


@pytest.fixture
def get(client):
    def get(address, person=None, **headers):
        client.logout()
        if person:
            client.force_login(person)
        response = client.get(address, headers=headers)
        # Read at once: a file that nobody reads stays open.
        response.whole = b"".join(response.streaming_content) if response.streaming else response.content
        return response

    return get


def write(report, number, text, *, by, **parts):
    update = next(u for u in report.updates.for_page() if u.reference == number)
    saved = progress.save_update(update, version=update.version, text=text, by=by, now=NOW, **parts)
    return progress.submit_update(saved, version=saved.version, by=by, now=NOW)


def publish(report, *, by):
    progress.record_sign_off(report.sign_offs.get(), evidence_note="A letter.", by=by, now=NOW)
    return publication.publish(report, by=by, now=NOW)


# --- Published ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("format", "content_type", "shown"),
    [
        ("pdf", "application/pdf", "inline"),
        ("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "attachment"),
        ("csv", "text/csv; charset=utf-8", "attachment"),
        ("json", "application/json", "attachment"),
    ],
)
def test_report_published_is_served_with_its_headers(inquiry, clerk, get, format, content_type, shown):
    make_report(inquiry, clerk, at=Stage.PUBLISHED)
    response = get(f"{PAGE}.{format}")
    assert response.status_code == 200
    assert response["Content-Type"] == content_type
    assert response["Content-Disposition"] == f'{shown}; filename="warm-homes-inquiry-6-months-edition-1.{format}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "Work on 1a and 1b is going well." in words_of(body(response), format).replace("\n", " ")
    again = get(f"{PAGE}.{format}", if_none_match=response["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == response["ETag"]


def test_report_published_is_the_kept_bytes(inquiry, clerk, get):
    report = make_report(inquiry, clerk, at=Stage.PUBLISHED)
    edition = report.editions.get()
    ProgressUpdate.objects.filter(report=report).update(text=BETTER)
    for kept, format in ((edition.pdf, "pdf"), (edition.docx, "docx")):
        with kept.open("rb") as file:
            assert body(get(f"{PAGE}.{format}", clerk)) == file.read()
    for format in ("csv", "json"):
        assert BETTER not in words_of(body(get(f"{PAGE}.{format}", clerk)), format)


def test_edition_stays_when_a_newer_one_is_out(inquiry, clerk, get):
    make_report(inquiry, clerk, at=Stage.ASSESSED)
    assert '"rating": 1' in words_of(body(get(f"{PAGE}.json")), "json")
    assert '"rating": 1' in words_of(body(get(f"{PAGE}/editions/2.json")), "json")
    assert '"rating": 1' not in words_of(body(get(f"{PAGE}/editions/1.json")), "json")
    assert get(f"{PAGE}/editions/1.pdf")["Content-Disposition"].endswith('edition-1.pdf"')
    assert get(f"{PAGE}/editions/3.pdf").status_code == 404


def test_report_whose_file_is_lost_says_so(inquiry, clerk, get):
    report = make_report(inquiry, clerk, at=Stage.PUBLISHED)
    report.editions.get().pdf.storage.delete(report.editions.get().pdf.name)
    response = get(f"{PAGE}.pdf")
    assert response.status_code == 503
    assert "The file is not where it was stored." in response.content.decode()
    assert get(f"{PAGE}.docx").status_code == 200


# --- Before publication ------------------------------------------------------------------------------


def test_report_before_publication_is_nowhere_for_the_public(inquiry, clerk, stranger, member, get):
    make_report(inquiry, clerk, at=Stage.SIGNED_OFF)
    for format in FORMATS:
        for nobody in (None, stranger, member):
            assert get(f"{PAGE}.{format}", nobody).status_code == 404
        assert get(f"{PAGE}/editions/1.{format}", clerk).status_code == 404


def test_report_before_publication_is_a_draft_of_what_the_person_may_read(inquiry, clerk, officer, other_officer, get):
    report = make_report(inquiry, clerk)
    write(report, "1a", FIRST, by=officer)
    write(report, "2", DRAFT, by=other_officer, exempt_text=EXEMPT, exempt_paragraph=3)
    for format in FORMATS:
        response = get(f"{PAGE}.{format}", officer)
        assert response["Content-Disposition"].endswith(f'warm-homes-inquiry-6-months-draft.{format}"')
        assert response["Cache-Control"] == "private, no-store"
        words = words_of(body(response), format)
        assert (FIRST in words, DRAFT in words, EXEMPT in words) == (True, False, False)
        words = words_of(body(get(f"{PAGE}.{format}", clerk)), format)
        assert (FIRST in words, DRAFT in words, EXEMPT in words) == (True, True, True)
        words = words_of(body(get(f"{PAGE}.{format}", other_officer)), format)
        assert (FIRST in words, DRAFT in words, EXEMPT in words) == (False, True, False)
    assert json.loads(get(f"{PAGE}.json", officer).content)["draft"] is True


def test_report_before_publication_has_exempt_words_only_for_who_may_read_them(inquiry, clerk, cabinet_member, get):
    report = make_report(inquiry, clerk)
    write(report, "1a", DRAFT, by=clerk, exempt_text=EXEMPT, exempt_paragraph=3)
    assert EXEMPT in words_of(body(get(f"{PAGE}.csv", cabinet_member)), "csv")
    assert EXEMPT in get(f"{PAGE}/", cabinet_member).content.decode()
    cabinet_member.cabinet_seats.update(until_date="2025-12-31")
    for address in (f"{PAGE}/", f"{PAGE}.csv"):
        words = body(get(address, cabinet_member)).decode()
        assert (DRAFT in words, EXEMPT in words) == (True, False)


def test_page_and_files_have_the_same_rows(inquiry, clerk, officer, get):
    make_report(inquiry, clerk)
    page = get(f"{PAGE}/", officer).context["visible"].content
    lines = list(csv.DictReader(StringIO(get(f"{PAGE}.csv", officer).content.decode("utf-8-sig"))))
    assert [", ".join(row.references) for row in page.rows] == ["1a, 1b"]
    # And what the page accounts for below its table.
    assert [line["Numbers"] for line in lines] == ["1a, 1b", "3b", "4"]
    assert [len(r["recommendations"]) for r in json.loads(get(f"{PAGE}.json", officer).content)["responses"]] == [2]


def test_report_that_cannot_be_printed_says_so(inquiry, clerk, get, monkeypatch):
    def fail(content):
        raise PdfFailed("The PDF took too long to make and was given up.")

    make_report(inquiry, clerk)
    monkeypatch.setitem(data_formats.RENDERERS, "pdf", fail)
    response = get(f"{PAGE}.pdf", clerk)
    assert response.status_code == 503
    assert "The PDF took too long to make and was given up." in response.content.decode()


# --- The inquiry report ------------------------------------------------------------------------------


def test_inquiry_file_is_seen_by_whoever_sees_the_inquiry(inquiry, clerk, stranger, get):
    address = "/inquiries/warm-homes-inquiry/inquiry-report.pdf"
    assert get(address, clerk).status_code == 404
    inquiry.report_file.save("r.pdf", ContentFile(b"%PDF-1.7 the words"))
    assert get(address).status_code == 404
    assert get(address, stranger).status_code == 404
    assert get(address, clerk)["Cache-Control"] == "private, no-store"
    inquiry_actions.publish_inquiry(inquiry, by=clerk, now=NOW)
    response = get(address)
    assert body(response) == b"%PDF-1.7 the words"
    assert response["Content-Disposition"] == 'inline; filename="warm-homes-inquiry-inquiry-report.pdf"'
    assert response["X-Content-Type-Options"] == "nosniff"
    inquiry.report_file.storage.delete(inquiry.report_file.name)
    assert get(address).status_code == 503


@pytest.mark.parametrize("address", [f"{PAGE}.pdf", f"{PAGE}/editions/1.pdf"])
def test_files_are_read_only(inquiry, clerk, client, address):
    make_report(inquiry, clerk, at=Stage.PUBLISHED)
    assert client.post(address).status_code == 405


# --- Leaks -------------------------------------------------------------------------------------------


def public_addresses():
    here = ["warm-homes-inquiry"]
    yield from ("/", "/inquiries/", "/committees/", "/committees/communities/")
    for word in (DRAFT, EXEMPT, BETTER, VERDICT):
        yield f"/inquiries/?q={word}"
    yield reverse("public:inquiry", args=here)
    for number in ("1a", "1b", "2", "10"):
        yield reverse("public:recommendation", args=[*here, number])
    for months in (6, 12):
        yield reverse("public:report", args=[*here, months])
        for edition in (1, 2):
            yield reverse("public:edition", args=[*here, months, edition])
        for format in FORMATS:
            yield reverse("public:report_export", args=[*here, months, format])
            for edition in (1, 2):
                yield reverse("public:edition_export", args=[*here, months, edition, format])


def text_of(response, address):
    ending = address.rpartition(".")[2]
    if response.status_code == 200 and ending in FORMATS:
        return words_of(body(response), ending)
    return body(response).decode()


def test_no_draft_and_no_exempt_word_is_in_any_public_answer(
    inquiry, committee, clerk, officer, member, other_member, stranger, get
):
    report = make_report(inquiry, clerk)
    write(report, "1a", FIRST, by=officer, exempt_text=EXEMPT, exempt_paragraph=3)
    write(report, "2", FIRST, by=clerk)
    write(report, "10", FIRST, by=clerk)
    publish(report, by=clerk)
    row = next(u for u in report.updates.for_page() if u.reference == "1a")
    progress.reopen(report, to=Stage.COMMISSIONED, reason=VERDICT, updates=[row], by=clerk, now=NOW)
    row = ProgressUpdate.objects.for_page().get(pk=row.pk)
    progress.save_update(row, version=row.version, text=BETTER, by=officer, now=NOW)
    second = make_report(inquiry, clerk, months_on=12)
    write(second, "1a", DRAFT, by=officer, exempt_text=EXEMPT, exempt_paragraph=3)
    seen = set()
    for person in (None, stranger, member, other_member):
        for address in public_addresses():
            words = text_of(get(address, person), address)
            found = words.replace(f'value="{address.rpartition("=")[2]}"', "")
            seen |= {word for word in (FIRST, DRAFT, EXEMPT, BETTER, VERDICT) if word in found}
    assert seen == {FIRST}

"""Files as evidence: who adds, reads, publishes and removes them."""

import io
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from inquiries.actions import evidence_files, progress, publication
from inquiries.actions.exempt_check import ExemptTextFound
from inquiries.actions.expiry import expire
from inquiries.check_history import changed_files
from inquiries.documents.exempt_search import texts_of_pdf
from inquiries.models import Entry, EvidenceFile, ProgressReport
from inquiries.permissions import Refused
from tests.cast import NOW
from tests.documents.papers import make_paper
from tests.factories import make_received, walk
from tests.views.officer.steps import PAGE, fresh, save, words_of
from tests.word_text import texts_of_docx

FILES = f"{PAGE}files/"
LATER = NOW.replace(hour=12)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def file(update, officer):
    received = make_received(title="Boilers", words="Every boiler in Quorvane Street.")
    return evidence_files.add_evidence_file(update, received, title="The boiler list", by=officer, now=NOW)


def address_of(file):
    return f"/inquiries/warm-homes-inquiry/progress/6/files/{file.pk}.pdf"


def readers(client, file, *people):
    """Those of `people` (None: nobody is signed in) who get the file."""
    found = []
    for person in people:
        client.logout()
        if person:
            client.force_login(person)
        response = client.get(address_of(file))
        if response.status_code == 200:
            assert response.getvalue().startswith(b"%PDF")
            found.append(person)
    return found


def allow(report, files, by, now=NOW):
    return evidence_files.allow_evidence_files(report, allowed=files, by=by, now=now)


def test_an_officer_adds_a_file_that_is_checked_and_reads_it(client, update, officer):
    client.force_login(officer)
    upload = SimpleUploadedFile("C:\\boilers.pdf", make_paper(2, title="All boilers"))
    answer = client.post(FILES, {"file": upload, "title": ""}, follow=True)
    assert "“All boilers” has been added. Only a clerk can publish it." in words_of(answer)
    kept = EvidenceFile.objects.get()
    assert (kept.title, kept.original_name, kept.page_count, kept.allowed_at) == ("All boilers", "boilers.pdf", 2, None)
    response = client.get(address_of(kept))
    assert response["Cache-Control"] == "private, no-store"
    assert b"".join(response.streaming_content).startswith(b"%PDF")
    entry = Entry.objects.get(verb="add_evidence_file")
    assert entry.sentence == "added the file “All boilers” to the update on 1a and 1b"
    assert list(changed_files()) == []


@pytest.mark.parametrize(
    ("upload", "message"),
    [
        (None, "Choose the file"),
        (io.BytesIO(b"<html><script>alert(1)</script></html>"), "This is a web page"),
        (io.BytesIO(b"%PDF-1.7 broken"), "damaged"),
    ],
)
def test_a_file_that_cannot_be_taken_is_refused_in_words(client, update, officer, upload, message):
    client.force_login(officer)
    sent = {"title": "The list"} | ({"file": upload} if upload else {})
    answer = client.post(FILES, sent)
    assert answer.status_code == 200
    assert message in words_of(answer) and 'value="The list"' in words_of(answer)
    assert not EvidenceFile.objects.exists()


def test_before_publication_writers_signers_and_clerks_read_it(
    client, file, officer, other_officer, contributor, cabinet_member, clerk, member, chair, stranger
):
    save(fresh(file.update.report), officer, contributors=[contributor])
    everybody = (None, officer, other_officer, contributor, cabinet_member, clerk, member, chair, stranger)
    assert readers(client, file, *everybody) == [officer, contributor, cabinet_member, clerk]


def test_a_file_that_no_clerk_allowed_is_never_published(client, file, report, clerk, officer, member):
    walk(report, to="published", by=clerk)
    assert readers(client, file, None, member, officer) == [officer]
    edition = ProgressReport.objects.get().editions.get()
    with edition.pdf.open("rb") as pdf, edition.docx.open("rb") as docx:
        places = [*texts_of_pdf(pdf.read()), *texts_of_docx(docx.read()), ("", str(edition.content))]
    for ending in ("", ".json", ".csv"):
        client.logout()
        url = f"/inquiries/warm-homes-inquiry/progress/6{ending or '/'}"
        places.append(("", client.get(url).content.decode()))
    for _, text in places:
        assert "boiler list" not in text and "Quorvane" not in text and f"files/{file.pk}" not in text


def test_an_allowed_file_is_published_with_the_report_and_not_before(client, file, report, clerk, member, settings):
    settings.SITE_ADDRESS = "https://scrutiny.example"
    walk(report, to="signed_off", by=clerk)
    client.force_login(clerk)
    page = words_of(client.get("/clerk/inquiries/warm-homes-inquiry/progress/6/files/"))
    assert "1a and 1b: The boiler list" in page
    client.post("/clerk/inquiries/warm-homes-inquiry/progress/6/files/", {"allowed": [file.pk]})
    assert readers(client, file, None, member) == []
    publication.publish(ProgressReport.objects.get(), by=clerk, now=EvidenceFile.objects.get().allowed_at)
    assert readers(client, file, None, member) == [None, member]
    client.logout()
    link = ("The boiler list", f"https://scrutiny.example{address_of(file)}")
    data = client.get("/inquiries/warm-homes-inquiry/progress/6.json").json()
    assert data["responses"][0]["evidence"] == [{"title": link[0], "address": link[1]}]
    assert link[1] in client.get("/inquiries/warm-homes-inquiry/progress/6/").content.decode()
    edition = ProgressReport.objects.get().editions.get()
    with edition.docx.open("rb") as docx:
        assert any(link[1] in text for _, text in texts_of_docx(docx.read()))
    # Withdrawn at once; another file does not slip in.
    allow(report, [], clerk, LATER)
    assert readers(client, file, None, member) == []
    with pytest.raises(Refused, match="reopen it"):
        allow(report, [file], clerk, LATER)


def test_exempt_words_in_an_allowed_file_stop_the_publication(file, report, clerk):
    update = save(fresh(report), clerk, "In hand.", exempt_text="Every boiler in Quorvane Street.", exempt_paragraph=3)
    walk(report, to="signed_off", by=clerk)
    assert update.exempt_text
    assert publication.search_report(report) == []
    allow(report, [file], clerk)
    (found,) = publication.search_report(report)
    assert (found.stops, found.place.partition(",")[0]) == (True, "the evidence file “The boiler list”")
    with pytest.raises(ExemptTextFound):
        publication.publish(ProgressReport.objects.get(), by=clerk, now=LATER)


def test_removal(client, file, report, officer, other_officer, clerk):
    remove = f"{FILES}{file.pk}/remove/"
    client.force_login(other_officer)
    assert client.post(remove).status_code == 404
    client.force_login(officer)
    assert "“The boiler list” has been removed." in words_of(client.post(remove, follow=True))
    assert readers(client, file, officer, clerk) == []
    assert client.post(remove).status_code == 404


def test_after_submission_only_a_clerk_removes(client, file, report, officer, clerk):
    update = save(fresh(report), officer)
    progress.submit_update(update, version=1, by=officer, now=NOW)
    client.force_login(officer)
    page = words_of(client.get(FILES))
    assert "Remove<" not in page and "Add the file" not in page
    client.post(f"{FILES}{file.pk}/remove/")
    assert EvidenceFile.objects.current().count() == 1
    assert client.post(FILES, {"file": SimpleUploadedFile("a.pdf", make_paper(1))}).status_code == 403
    client.force_login(clerk)
    client.post(f"{FILES}{file.pk}/remove/")
    assert EvidenceFile.objects.current().count() == 0


def test_a_removed_file_is_deleted_after_thirty_days(file, officer, django_capture_on_commit_callbacks):
    path = file.file.path
    evidence_files.remove_evidence_file(file, by=officer, now=NOW)
    keep = {"keep_notifications_days": 365, "keep_leavers_months": 24}
    for days, count in ((29, 0), (31, 1)):
        with django_capture_on_commit_callbacks(execute=True):
            done = dict(expire(now=NOW.replace(month=12, day=days - 7), **keep))
        assert done["evidence files that were removed"] == count
    assert not Path(path).exists()
    assert EvidenceFile.objects.get().file == ""
    assert list(changed_files()) == []


def test_no_more_than_twenty_files(update, officer, monkeypatch):
    monkeypatch.setattr(evidence_files, "MOST_FILES", 1)
    received = make_received()
    evidence_files.add_evidence_file(update, received, title="One", by=officer, now=NOW)
    with pytest.raises(evidence_files.ValidationError, match="at most 1 files"):
        evidence_files.add_evidence_file(update, received, title="Two", by=officer, now=NOW)

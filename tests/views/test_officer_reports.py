"""The pages of officer reports: commissioned by a clerk, written, read, signed off."""

from datetime import date
from io import BytesIO

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from docx import Document

from inquiries.actions import officer_reports
from inquiries.models import Draft, OfficerReport
from tests import factories
from tests.cast import NOW, person

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def day(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def director(db):
    return person("Richard Ambrose", "richard@wealdshire.example", job_title="Director of Assurance")


@pytest.fixture
def meeting(committee, tmp_path, settings):
    settings.MEDIA_ROOT = tmp_path
    return factories.make_meeting(committee, date(2027, 1, 26))


@pytest.fixture
def report(meeting, clerk, officer, director, cabinet_member):
    return factories.make_officer_report(
        meeting, clerk, author=officer, director=director, cabinet_member=cabinet_member
    )


def fields(report, **changes):
    """What the form of the report sends."""
    values = {"version": report.version, "title": report.title, "contact_name": "Siân", "contact_email": "s@a.example"}
    for number, (heading, text) in enumerate(factories.REPORT_SECTIONS, start=1):
        values |= {f"heading_{number}": heading, f"text_{number}": text}
    return values | {"contributor_1": "", "contributor_2": ""} | changes


def url(name, report, *more):
    return reverse(name, args=[report.pk, *more])


def text_of(response):
    return " ".join(response.content.decode().split())


def test_a_clerk_commissions_a_report(client, clerk, meeting, officer, director):
    client.force_login(clerk)
    page = reverse("clerk:commission_officer_report", args=[meeting.pk])
    asked = {"title": "Contact centre", "author": "Siân", "director": "", "cabinet_member": ""}
    refused = client.post(page, asked)
    assert "Name the director or the Cabinet Member who signs the report, or both" in text_of(refused)
    response = client.post(page, asked | {"director": "Richard"}, follow=True)
    report = OfficerReport.objects.get()
    assert response.redirect_chain == [(url("clerk:officer_report", report), 302)]
    assert "“Contact centre” is commissioned. Siân Llŷr-Ôwain is notified." in text_of(response)
    agenda = text_of(client.get(reverse("clerk:agenda", args=[meeting.pk])))
    assert f'<a class="govuk-link" href="{url("clerk:officer_report", report)}">Contact centre</a>' in agenda
    assert "Not started" in agenda and "No paper yet" not in agenda
    assert f'<a href="{url("clerk:officer_report", report)}" role="button"' in agenda


def test_the_author_saves_previews_and_submits(client, report, officer):
    client.force_login(officer)
    page = report.get_absolute_url()
    assert "Say in one or two sentences why the committee gets this report" in text_of(client.get(page))
    assert client.post(page, fields(report, action="preview")).url == f"{page}?preview=1"
    preview = text_of(client.get(f"{page}?preview=1"))
    assert "<li>telephones</li>" in preview
    assert "Richard Ambrose, Director of Assurance: not yet signed" in preview
    report = officer_reports.fetch(report)
    short = fields(report, action="submit", text_3="", contact_name="")
    refused = text_of(client.post(page, short))
    assert "Write the section “Summary”. Where there is nothing to say, say so." in refused
    assert "Enter the contact officer: people ask them about the report." in refused
    assert client.post(page, fields(report, action="submit")).url == page
    read = text_of(client.get(page))
    assert "This report has been submitted and waits for sign-off, so it cannot be changed." in read
    # A second click changes nothing, and is answered as the first.
    assert client.post(page, fields(report, action="submit")).url == page


def test_a_further_section_needs_a_heading(client, report, officer):
    client.force_login(officer)
    refused = client.post(report.get_absolute_url(), fields(report, text_7="Figures.", heading_7=""))
    assert "Give this section a heading" in text_of(refused)
    client.post(report.get_absolute_url(), fields(report, text_7="Figures.", heading_7="Appendix"))
    assert officer_reports.fetch(report).sections[-1] == {"heading": "Appendix", "text": "Figures."}


def test_autosave_keeps_a_draft_that_is_offered_again(client, report, officer):
    client.force_login(officer)
    kept = client.post(url("officer:autosave_officer_report", report), fields(report, text_1="Half a sent"))
    assert kept.json() == {"saved_at": "09:30"}
    assert officer_reports.fetch(report).version == 0
    page = text_of(client.get(report.get_absolute_url()))
    assert "You have text that was not saved" in page and "Half a sent" in page
    client.post(report.get_absolute_url(), fields(report))
    assert not Draft.objects.exists()
    stale = client.post(url("officer:autosave_officer_report", report), fields(report))
    assert stale.status_code == 409


def test_two_people_who_write_at_once_see_both_texts(client, report, officer, clerk):
    factories.write_officer_report(report, clerk)
    client.force_login(officer)
    mine = fields(report, text_3="Calls are answered at once.")
    clash = client.post(report.get_absolute_url(), mine)
    assert clash.status_code == 409
    page = text_of(clash)
    assert "Two people changed this report" in page and "answered at once" in page
    assert page.count('name="my_text_') == 1
    current = officer_reports.fetch(report)
    chosen = fields(current, my_text_3="Calls are answered at once.", action="mine")
    client.post(report.get_absolute_url(), chosen)
    texts = {section["heading"]: section["text"] for section in officer_reports.fetch(report).sections}
    assert texts["Summary"] == "Calls are answered at once."
    assert texts["Next steps"] == "A report in June."


def test_what_is_sent_too_late_is_shown_for_copying(client, report, officer, clerk):
    sent = fields(report, text_3="Words that would be lost.")
    factories.write_officer_report(report, clerk, submit=True)
    client.force_login(officer)
    response = client.post(report.get_absolute_url(), sent)
    assert response.status_code == 403
    assert "Words that would be lost." in text_of(response)


def test_director_and_cabinet_member_sign_on_their_page(client, report, officer, director, cabinet_member):
    report = factories.write_officer_report(report, officer, submit=True)
    client.force_login(director)
    work = text_of(client.get("/"))
    assert "Sign off: Contact centre" in work
    assert "Your portfolio" not in work  # which a director has none of
    page = url("cabinet:sign_officer_report", report)
    assert f'href="{page}">Sign it off or return it' in client.get(report.get_absolute_url()).text
    assert "Go to “Sign off”, below the report" in text_of(client.get(page))
    stale = client.post(page, {"seen": report.version - 1})
    assert stale.status_code == 409 and "The report has changed since you opened this page." in text_of(stale)
    client.post(page, {"seen": report.version})
    assert "It still waits for another person." in text_of(client.get(page))
    client.force_login(cabinet_member)
    refused = client.post(url("cabinet:return_officer_report", report), {"note": ""})
    assert "Say what you would like changed" in text_of(refused)
    client.post(page, {"seen": report.version})
    report = officer_reports.fetch(report)
    assert report.document is not None
    assert "You signed this report off" in text_of(client.get(page))


def test_returned_with_a_note_that_its_author_reads(client, report, officer, cabinet_member):
    report = factories.write_officer_report(report, officer, submit=True)
    client.force_login(cabinet_member)
    client.post(url("cabinet:return_officer_report", report), {"note": "Say what it costs."})
    client.force_login(officer)
    page = text_of(client.get(report.get_absolute_url()))
    assert "Councillor Ruth Adeyemi sent this report back on 23 November 2026." in page
    assert "Say what it costs." in page
    assert "Returned" in text_of(client.get("/"))


def test_the_clerk_records_a_sign_off_and_reopens(client, report, clerk, officer, director):
    report = factories.write_officer_report(report, officer, submit=True)
    client.force_login(clerk)
    for signature in report.signatures.all():
        page = url("clerk:record_report_sign_off", report, signature.pk)
        client.post(page, {"evidence_note": "An e-mail of 22 November."})
    shown = text_of(client.get(url("clerk:officer_report", report)))
    assert "Recorded on behalf: An e-mail of 22 November." in shown
    assert "It is signed off, and a paper of the item" in shown
    client.post(url("clerk:reopen_officer_report", report), {"reason": "A figure was wrong."})
    assert officer_reports.fetch(report).is_open


def test_pictures_are_added_used_and_removed(client, report, officer, stranger):
    client.force_login(officer)
    page = url("officer:officer_report_pictures", report)
    refused = client.post(page, {"file": factories.picture_file(), "alternative_text": ""})
    assert "Say what the picture shows" in text_of(refused)
    no_picture = factories.picture_file()
    no_picture.file.write(b"no picture")
    assert "This is not a picture that can be used." in text_of(
        client.post(page, {"file": no_picture, "alternative_text": "A chart"})
    )
    client.post(page, {"file": factories.picture_file(), "alternative_text": "Calls by year"})
    picture = report.pictures.get()
    assert "![Calls by year](picture-1.png)" in text_of(client.get(page))
    response = client.get(picture.get_absolute_url())
    assert response["Content-Type"] == "image/png" and b"".join(response.streaming_content)[1:4] == b"PNG"
    client.post(url("officer:remove_report_picture", report, picture.pk))
    assert not report.pictures.current().exists()
    client.force_login(stranger)
    assert client.get(picture.get_absolute_url()).status_code == 404


def test_written_in_word_and_uploaded(client, report, officer, clerk):
    picture = factories.add_report_picture(report, officer)
    chart = ("Chart", f"![Calls by year]({picture.name})")
    report = factories.write_officer_report(report, officer, sections=[*factories.REPORT_SECTIONS, chart])
    client.force_login(officer)
    word = client.get(url("officer:officer_report_word", report)).content
    document = Document(BytesIO(word))
    for paragraph in document.paragraphs:
        if paragraph.text == "Calls are answered sooner.":
            paragraph.runs[0].text = "Calls are answered in a minute."
    changed = BytesIO()
    document.save(changed)
    upload = url("officer:upload_officer_report", report)
    assert "Choose the file of the report" in text_of(client.post(upload, {}))
    broken = ContentFile(b"no document", "report.docx")
    assert "govuk-error-message" in text_of(client.post(upload, {"file": broken}))
    sent = client.post(upload, {"file": ContentFile(changed.getvalue(), "report.docx")})
    check = url("officer:check_officer_report", report)
    assert sent.url == check
    page = text_of(client.get(check))
    assert page.count("The same as what is saved.") >= 4
    assert "minute" in page and "It has 1 picture" in page
    before = report.version
    factories.write_officer_report(report, clerk, title="The contact centre")
    clash = client.post(check, {"version": before})
    assert clash.status_code == 409 and "saved the report while this page was open" in text_of(clash)
    assert client.post(check, {"version": before + 1}).url == f"{report.get_absolute_url()}?preview=1"
    report = officer_reports.fetch(report)
    texts = {section["heading"]: section["text"] for section in report.sections}
    assert texts["Summary"] == "Calls are answered in a minute."
    (kept,) = report.pictures.current()
    assert texts["Chart"] == f"![Calls by year]({kept.name})"
    assert not Draft.objects.exists()


@pytest.mark.parametrize("count", [1, 3])
def test_your_work_asks_the_same_number_of_queries(
    count, client, meeting, clerk, officer, director, django_assert_max_num_queries
):
    for number in range(count):
        asked = {"author": officer, "director": director, "title": f"Report {number}"}
        factories.make_officer_report(meeting, clerk, **asked)
    client.force_login(officer)
    client.get("/")
    with django_assert_max_num_queries(12):
        client.get("/")

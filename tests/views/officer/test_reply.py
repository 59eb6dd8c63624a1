"""An officer replies in Word: downloads the form, writes in it, uploads it, accepts what it changes."""

import io
import re
import zipfile
from datetime import date
from xml.sax.saxutils import escape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from inquiries.actions import progress, replies
from inquiries.actions.replies import NO_FORM, NOT_YOURS, WRONG_CODE
from inquiries.documents.reply_form import PLACEHOLDERS
from inquiries.imports.reply_form import TOO_MANY_OTHERS, read_document
from inquiries.models import Draft, Entry, Evidence
from tests.cast import NOW
from tests.factories import make_report
from tests.views.officer.steps import fresh, save, words_of

ADDRESS = ["warm-homes-inquiry", 6]
FORM, UPLOAD, CHECK = (
    reverse(f"officer:{name}", args=ADDRESS) for name in ("reply_form", "upload_reply", "check_reply")
)


@pytest.fixture(autouse=True)
def read_here(monkeypatch):
    """Not in the sandbox, which takes its time to start: tests/imports/test_reply_form.py does that."""
    monkeypatch.setattr("inquiries.forms.officer_reply.read_reply", read_document)


def download(client, person, query=""):
    client.force_login(person)
    return client.get(FORM + query).content


def upload(client, person, data, name="reply.docx"):
    client.force_login(person)
    return client.post(UPLOAD, {"file": SimpleUploadedFile(name, data)})


def written(data, *texts, old=PLACEHOLDERS["text"], part="word/document.xml", **changes):
    """The form with these texts in its empty fields, one after the other, and other words in place of `changes`."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == part:
                xml = content.decode()
                for text in texts:
                    before, mark, after = xml.partition(old)
                    assert mark
                    start = before.rfind("<w:sdtPr>")
                    before = before[:start] + before[start:].replace("<w:showingPlcHdr/>", "")
                    xml = before + "</w:t></w:r></w:p><w:p><w:r><w:t>".join(map(escape, text.split("\n\n"))) + after
                for before, after in changes.items():
                    xml = xml.replace(before, after)
                content = xml.encode()
            target.writestr(name, content)
    return made.getvalue()


def accept(client, action="save", **fields):
    """What the page offers, accepted: every box ticked that is ticked there."""
    form = client.get(CHECK).context["form"]
    shown = {name: form[name].value() for name in form.fields}
    data = {name: value for name, value in shown.items() if value is not None and value is not False}
    return client.post(CHECK, {**data, **fields, "action": action})


def test_form_is_written_uploaded_and_accepted(client, report, officer):
    response = upload(client, officer, written(download(client, officer), "Ten homes.\n\nTwo more."))
    assert response.url == CHECK
    page = client.get(CHECK)
    assert "Ten homes. (only in the form:" not in words_of(page)
    assert fresh(report).text == ""
    response = accept(client)
    assert response.url == reverse("officer:updates", args=ADDRESS)
    update = fresh(report)
    assert (update.text, update.submitted_at, update.saved_by) == ("Ten homes.\n\nTwo more.", None, officer)
    entry = Entry.objects.about(update).first()
    assert (entry.note, entry.on_behalf_of) == ("From the reply form “reply.docx”.", "")
    assert not Draft.objects.exists()
    assert "has been saved as a draft" in words_of(client.get(response.url))


def test_form_is_submitted(client, report, officer):
    upload(client, officer, written(download(client, officer), "Ten homes."))
    accept(client, action="submit")
    assert fresh(report).submitted_by == officer


def test_clerk_uploads_on_behalf(client, report, clerk, officer):
    data = download(client, clerk, f"?person={officer.pk}")
    assert upload(client, clerk, written(data, "Ten homes.")).url == CHECK
    assert "You act on behalf of the lead officers" in words_of(client.get(CHECK))
    accept(client)
    entry = Entry.objects.about(fresh(report)).first()
    assert (entry.by_name, entry.on_behalf_of) == (str(clerk), str(officer))


def test_clerk_uploads_the_form_that_an_officer_downloaded(client, report, clerk, officer):
    assert upload(client, clerk, written(download(client, officer), "Ten homes.")).url == CHECK


def test_form_of_a_clerk_holds_every_open_update(client, report, clerk, officer):
    update = save(fresh(report), officer)
    progress.submit_update(update, version=1, by=officer, now=NOW)
    reply = read_document(download(client, clerk))
    assert [row.references for row in reply.rows] == ["2", "10"]


def test_form_holds_what_is_recorded_and_no_exempt_words(client, report, officer):
    words = {"text": "Begun.", "exempt_text": "The price is secret.", "exempt_paragraph": 3, "officer_view": "on_track"}
    links = [("The page", "https://wealdshire.example/warm")]
    progress.save_update(fresh(report), version=0, by=officer, now=NOW, evidence=links, **words)
    data = download(client, officer)
    reply = read_document(data)
    assert [(row.text, row.officer_view, row.links) for row in reply.rows] == [("Begun.", "on_track", links)]
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        assert all(b"secret" not in file.read(name) for name in file.namelist())
    assert "This update has a confidential part. It is not in this form, and stays as it is." in reply.others


def test_view_and_links_are_saved_and_the_rest_stays(client, report, officer, contributor):
    words = {"text": "Begun.", "exempt_text": "The price.", "exempt_paragraph": 3, "contributors": [contributor]}
    progress.save_update(fresh(report), version=0, by=officer, now=NOW, **words)
    data = written(download(client, officer), "On track", old=PLACEHOLDERS["view"])
    data = written(data, "Our page: https://wealdshire.example/warm\n\nnone", old=PLACEHOLDERS["links"])
    data = written(data, "31 May 2027", old=PLACEHOLDERS["forecast"])
    upload(client, officer, data)
    page = words_of(client.get(CHECK))
    assert "Own view of progress: none is recorded, On track is in the form." in page
    assert "Expected to be done: no date is recorded, 31 May 2027 is in the form." in page
    assert "Our page: https://wealdshire.example/warm" in page
    assert "“none” is no web address; it was left out of the links." in page
    accept(client)
    update = fresh(report)
    assert (update.text, update.officer_view, update.exempt_text) == ("Begun.", "on_track", "The price.")
    assert update.forecast_date == date(2027, 5, 31)
    assert update.contributor_names == [contributor]
    assert Evidence.objects.values_list("title", "url").get() == ("Our page", "https://wealdshire.example/warm")


def test_only_what_is_ticked_is_saved(client, report, clerk):
    upload(client, clerk, written(download(client, clerk), "One.", "Two.", "Three."))
    two = fresh(report, "2")
    response = accept(client, **{f"take_{two.pk}": ""})
    assert response.url == CHECK  # where the other is still waiting
    assert [fresh(report, number).text for number in ("1a", "2", "10")] == ["One.", "", "Three."]
    assert [each.update for each in client.get(CHECK).context["form"].replied] == [two]


def test_nothing_ticked_saves_nothing(client, report, officer):
    upload(client, officer, written(download(client, officer), "Ten homes."))
    response = accept(client, **{f"take_{fresh(report).pk}": ""})
    assert "Tick at least one update to accept." in words_of(response)
    assert fresh(report).version == 0


def test_text_that_changed_since_is_shown_and_chosen(client, report, officer, contributor):
    save(fresh(report), officer, "Old words.", contributors=[contributor])
    data = written(download(client, officer), "New words.", old="Old words.")
    save(fresh(report), contributor, "Other words.")
    upload(client, officer, data)
    page = words_of(client.get(CHECK))
    assert "Priya Nair saved this update on" in page
    assert "Other (only in what is recorded" not in page
    response = accept(client)
    assert "Choose which text of 1a and 1b to keep" in words_of(response)
    assert fresh(report).text == "Other words."
    take = f"take_{fresh(report).pk}"
    accept(client, **{take: "both"})
    assert fresh(report).text == "Other words.\nNew words."


@pytest.mark.parametrize(("choice", "text"), [("form", "New words."), ("recorded", "Other words.")])
def test_one_of_two_texts_is_kept(client, report, officer, choice, text):
    save(fresh(report), officer, "Old words.")
    data = written(download(client, officer), "New words.", old="Old words.")
    save(fresh(report), officer, "Other words.")
    upload(client, officer, data)
    accept(client, **{f"take_{fresh(report).pk}": choice})
    assert fresh(report).text == text


def test_field_in_which_nobody_wrote_overwrites_nothing(client, report, officer):
    save(fresh(report), officer, "Old words.")
    data = download(client, officer)
    save(fresh(report), officer, "Other words.")
    upload(client, officer, data)
    page = words_of(client.get(CHECK))
    assert "nothing was written in the form; what Siân Llŷr-Ôwain has saved since stays" in page
    assert "Nothing in this form can be saved." in page


def test_text_saved_while_the_page_was_open_is_not_overwritten(client, report, officer):
    upload(client, officer, written(download(client, officer), "New words."))
    update = fresh(report)
    sent = {f"version_{update.pk}": 0, f"take_{update.pk}": "on", "action": "save"}
    save(update, officer, "Other words.")
    response = client.post(CHECK, sent)
    assert response.status_code == 200  # stale by now: a choice is asked for
    assert fresh(report).text == "Other words."
    response = client.post(CHECK, sent | {f"take_{update.pk}": "form"})
    assert response.status_code == 409
    assert "Siân Llŷr-Ôwain saved recommendations 1a and 1b while this page was open." in words_of(response)
    assert fresh(report).text == "Other words."


def test_emptied_field_removes_a_text_only_where_ticked(client, report, officer):
    save(fresh(report), officer, "Old words.")
    upload(client, officer, written(download(client, officer), "", old="Old words."))
    form = client.get(CHECK).context["form"]
    assert form[f"take_{fresh(report).pk}"].value() is False
    accept(client, **{f"take_{fresh(report).pk}": "on"})
    assert fresh(report).text == ""


def test_submitted_meanwhile_is_shown_with_the_reason(client, report, officer):
    data = written(download(client, officer), "Ten homes.")
    progress.submit_update(fresh(report), version=0, text="Eleven homes.", by=officer, now=NOW)
    upload(client, officer, data)
    page = client.get(CHECK)
    assert [each.closed for each in page.context["closed"]] == [
        "This update has been submitted and can no longer be changed."
    ]
    assert "Ten homes." in words_of(page)
    assert page.context["form"].replied == []


def test_text_that_is_too_long_is_refused(client, report, officer):
    upload(client, officer, written(download(client, officer), "x" * 20_001))
    page = client.get(CHECK)
    assert "its text was not read. Its text has 20,001 characters, and can have at most 20,000." in words_of(page)
    assert page.context["form"].replied == []


@pytest.mark.parametrize("link", ["Our page: https://" + "x" * 2001, "https://[::1"])
def test_wrong_link_is_named_beside_its_update(client, report, officer, link):
    upload(client, officer, written(download(client, officer), link, old=PLACEHOLDERS["links"]))
    assert "web address" in words_of(accept(client))
    assert fresh(report).version == 0


def test_what_fills_pages_outside_the_fields_is_cut(client, report, officer):
    many = "</w:t></w:r></w:p><w:p><w:r><w:t>".join(f"Remark {number}" for number in range(300))
    upload(client, officer, written(download(client, officer), **{"One number will be used.": many}))
    reply = client.get(CHECK).context["reply"]
    assert len(reply.others) == 200
    assert reply.notes == [TOO_MANY_OTHERS]


def test_nothing_written_cannot_be_submitted(client, report, officer):
    data = written(download(client, officer), "On track", old=PLACEHOLDERS["view"])
    upload(client, officer, data)
    assert "Write what has been done before you submit the update." in words_of(accept(client, action="submit"))
    assert fresh(report).officer_view == ""


def test_expected_day_that_has_passed_cannot_be_submitted(client, report, officer):
    save(fresh(report), officer, text="", forecast_date=date(2020, 3, 31))
    upload(client, officer, written(download(client, officer), "Ten homes."))
    assert "This day has passed. Say when you expect it now" in words_of(accept(client, action="submit"))
    assert (fresh(report).text, fresh(report).submitted_at) == ("", None)


def test_words_outside_the_fields_are_shown(client, report, officer):
    data = written(download(client, officer), **{"One number will be used.": "I think this is done."})
    upload(client, officer, data)
    assert client.get(CHECK).context["reply"].others == ["I think this is done."]


def test_form_can_be_removed(client, report, officer):
    upload(client, officer, written(download(client, officer), "Ten homes."))
    assert client.post(CHECK, {"action": "discard"}).url == UPLOAD
    assert not Draft.objects.exists()
    assert client.get(CHECK).url == UPLOAD


def test_form_sent_after_the_session_leaves_the_upload_alone(client, report, officer):
    upload(client, officer, written(download(client, officer), "Ten homes."))
    client.logout()
    client.post(CHECK, {"action": "save", "reply": "[]", "writer": officer.signed_key})
    client.force_login(officer)
    accept(client)
    assert fresh(report).text == "Ten homes."


def test_upload_is_seen_by_its_person_alone(client, report, officer, clerk):
    upload(client, officer, written(download(client, officer), "Ten homes."))
    client.force_login(clerk)
    assert client.get(CHECK).url == UPLOAD


def refusal(response):
    return response.context["form"].errors["file"][0]


def test_form_of_another_officer_is_refused(client, report, officer, other_officer):
    assert refusal(upload(client, other_officer, download(client, officer))) == NOT_YOURS


def test_form_of_a_clerk_shows_an_officer_their_own_updates(client, report, clerk, officer):
    upload(client, officer, written(download(client, clerk), "One.", "Two.", "Three."))
    accept(client)
    assert [fresh(report, number).text for number in ("1a", "2", "10")] == ["One.", "", ""]


def test_form_is_not_aimed_at_another_update(client, report, officer):
    own, other = fresh(report), fresh(report, "2")
    renamed = {f"update_{own.pk}_": f"update_{other.pk}_"}
    data = written(download(client, officer), "My words.", **renamed)
    assert refusal(upload(client, officer, data)) == replies.NO_ROWS
    assert other.text == ""


def test_form_of_another_report_is_refused(client, inquiry, report, clerk, officer):
    make_report(inquiry, clerk, months_on=12)
    client.force_login(officer)
    data = client.get(FORM.replace("/6/", "/12/")).content
    why = "This form is of another progress report (Warm Homes Inquiry, Final report (12 months on))."
    assert refusal(upload(client, officer, data)).startswith(why)


def test_changed_code_is_refused(client, report, officer):
    forged = {f"{fresh(report).pk}-0-": f"{fresh(report).pk}-1-"}
    forged = written(download(client, officer), part="docProps/custom.xml", **forged)
    assert refusal(upload(client, officer, forged)) == WRONG_CODE


def test_form_signed_elsewhere_is_refused(client, report, officer, settings):
    data = download(client, officer)
    settings.SECRET_KEY = "another"
    assert refusal(upload(Client(), officer, data)) == WRONG_CODE


def test_other_word_file_is_refused(client, report, officer):
    client.force_login(officer)
    data = client.get("/inquiries/warm-homes-inquiry/progress/6.docx").content
    assert refusal(upload(client, officer, data)) == NO_FORM


def test_other_file_is_refused(client, report, officer):
    assert refusal(upload(client, officer, b"%PDF-1.7")).startswith(
        "The file is not a Word document: it looks like a PDF."
    )


def test_form_without_its_tables_is_refused(client, report, officer):
    data = download(client, officer)
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        table = re.search(r"<w:tbl>.*</w:tbl>", file.read("word/document.xml").decode()).group()
    assert refusal(upload(client, officer, written(data, **{table: ""}))) == replies.NO_ROWS


def test_nothing_left_to_write_is_said(client, report, officer):
    progress.submit_update(fresh(report), version=0, text="Eleven homes.", by=officer, now=NOW)
    client.force_login(officer)
    response = client.get(FORM)
    assert response.status_code == 403
    assert "This update has been submitted and can no longer be changed." in words_of(response)
    assert "There is nothing more to write in this report" in words_of(client.get(UPLOAD))


@pytest.mark.parametrize("person", ["x", "0", "9" * 30, "\0"])
def test_form_of_nobody_is_not_found(client, report, clerk, person):
    client.force_login(clerk)
    assert client.get(FORM, {"person": person}).status_code == 404


def test_number_of_queries_does_not_grow(client, report, clerk, officer, django_assert_max_num_queries):
    upload(client, clerk, written(download(client, clerk), "One.", "Two.", "Three."))
    for address in (FORM, UPLOAD, CHECK):
        with django_assert_max_num_queries(12):
            client.get(address)

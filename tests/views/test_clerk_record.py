"""The pages on which a clerk records an inquiry, its recommendations and Cabinet's responses."""

import re
from datetime import date

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from inquiries.actions import inquiries
from inquiries.actions import responses as response_actions
from inquiries.choices import Decision
from inquiries.forms.clerk_record import MOST_ROWS
from inquiries.govuk import DatePartsInput, PersonInput
from inquiries.models import Draft, Entry, Inquiry, Person, Recommendation, Response
from tests import factories
from tests.cast import NOW, person
from tests.documents.papers import make_paper


@pytest.fixture
def signed_in(client, clerk):
    client.force_login(clerk)
    return client


@pytest.fixture
def bus_inquiry(committee, clerk):
    return inquiries.add_inquiry(committee=committee, title="Buses", received_on=date(2026, 11, 2), by=clerk, now=NOW)


@pytest.fixture
def three(bus_inquiry, clerk):
    """Recommendations 1a, 1b and 2."""
    texts = [{"reference": one, "text": f"That {one} is done."} for one in ("1a", "1b", "2")]
    inquiries.add_recommendations(bus_inquiry, texts, by=clerk, now=NOW)
    return list(bus_inquiry.recommendations.all())


def address(name, *args):
    return reverse(f"clerk:{name}", args=args)


def sent_by_browser(rows, **changes):
    """What the page with these rows sends when only `changes` are made (row-0-text is written row_0__text)."""
    sent = {}
    for form in getattr(rows, "forms", [rows]):
        for field in form:
            value, widget = field.value(), field.field.widget
            if isinstance(widget, DatePartsInput):
                parts = value if isinstance(value, list) else widget.decompress(value)
                names = [f"{field.html_name}_{part}" for part in ("day", "month", "year")]
                sent |= {name: part or "" for name, part in zip(names, parts, strict=True)}
            elif isinstance(widget, PersonInput):
                sent[field.html_name], sent[f"{field.html_name}_key"] = [
                    part or "" for part in widget.decompress(value)
                ]
            elif value not in (None, False, ""):
                sent[field.html_name] = "on" if value is True else getattr(value, "pk", value)
    return sent | {"action": "record"} | changes


def row(number, **values):
    return {f"row-{number}-{name}": value for name, value in values.items()}


def words(response):
    return " ".join(response.content.decode().split())


def errors(response):
    return [message for message, _ in response.context["error_list"]]


# Details


def test_add_inquiry_leads_to_the_task_list(signed_in, committee, clerk):
    sent = {
        "title": "Bus services",
        "committee": committee.pk,
        "completion_month": "10",
        "completion_year": "2026",
        "completed_body": "Cabinet",
        "received_on_day": "2",
        "received_on_month": "11",
        "received_on_year": "2026",
        "report_file": SimpleUploadedFile("report.pdf", make_paper(1)),
    }
    answer = signed_in.post("/inquiries/new/", sent)
    inquiry = Inquiry.objects.get()
    assert answer.url == "/clerk/inquiries/bus-services/record/"
    assert (inquiry.completion, inquiry.response_due) == ("October 2026 (Cabinet)", date(2027, 1, 1))
    assert inquiry.report_file and inquiry.report_file_checksum
    tasks = [(task.name, task.status, task.hint) for task in signed_in.get(answer.url).context["tasks"]]
    assert tasks == [
        ("Details", "Completed", ""),
        ("Recommendations", "Not yet started", ""),
        ("Cabinet’s response", "Cannot start yet", ""),
        ("Check answers", "Cannot start yet", ""),
    ]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"title": ""}, "Enter the title of the inquiry"),
        ({"committee": ""}, "Choose the committee"),
        (
            {"received_on_day": "1", "received_on_month": "5", "received_on_year": "2126"},
            "The day on which Cabinet received the report is still to come",
        ),
        ({"completion_month": "5", "completion_year": "2126"}, "The date of completion is still to come"),
        ({"title": "buses"}, "This committee already has the inquiry “Buses”. Add the year, say, to tell them apart."),
        (
            {"report_file": SimpleUploadedFile("report.pdf", b"words")},
            "This is a plain text file, not a PDF. Open it in Word, save it as PDF and upload that.",
        ),
    ],
)
def test_add_inquiry_says_what_is_wrong(changes, message, signed_in, committee, bus_inquiry):
    answer = signed_in.post("/inquiries/new/", {"title": "Trees", "committee": committee.pk} | changes)
    assert [problem.message for problem in answer.context["form"].error_summary()] == [message]
    assert Inquiry.objects.count() == 1


def test_change_inquiry_keeps_what_is_not_sent(signed_in, bus_inquiry):
    where = address("change_inquiry", "buses")
    page = signed_in.get(where)
    answer = signed_in.post(where, sent_by_browser(page.context["form"], title="Bus services"))
    assert answer.url == address("record_inquiry", "buses")
    bus_inquiry.refresh_from_db()
    assert (bus_inquiry.title, bus_inquiry.received_on) == ("Bus services", date(2026, 11, 2))


def test_change_inquiry_replaces_and_removes_the_report(signed_in, bus_inquiry):
    where = address("change_inquiry", "buses")
    file = SimpleUploadedFile("report.pdf", make_paper(1))
    signed_in.post(where, sent_by_browser(signed_in.get(where).context["form"]) | {"report_file": file})
    bus_inquiry.refresh_from_db()
    name = bus_inquiry.report_file.name
    assert len(bus_inquiry.report_file_checksum) == 64
    form = signed_in.get(where).context["form"]
    # Even where the file cannot be read just now.
    bus_inquiry.report_file.storage.delete(name)
    assert signed_in.post(where, sent_by_browser(form, title="Bus services")).status_code == 302
    bus_inquiry.refresh_from_db()
    assert (bus_inquiry.title, bus_inquiry.report_file.name) == ("Bus services", name)
    form = signed_in.get(where).context["form"]
    assert signed_in.post(where, sent_by_browser(form, remove_file="on")).status_code == 302
    bus_inquiry.refresh_from_db()
    assert (bus_inquiry.report_file.name, bus_inquiry.report_file_checksum) == ("", "")


# Recommendations


def test_type_recommendations_in_rows_and_go_on_later(signed_in, bus_inquiry, clerk):
    where = address("add_recommendations", "buses")
    assert len(signed_in.get(where).context["rows"].rows) == 3
    typed = row(0, reference="1a", text="That A is done.") | row(1, reference="", text="") | {"action": "more"}
    assert signed_in.post(where, typed).url == f"{where}#row-3"
    rows = signed_in.get(where).context["rows"]
    assert [form["reference"].value() for form in rows.rows] == ["1a", "", "", "", ""]
    assert [form.number for form in rows.rows] == [1, 2, 3, 4, 5]
    assert not Recommendation.objects.exists()
    later = signed_in.post(
        where, sent_by_browser(rows, **row(2, reference="2", text="That B is done."), action="later")
    )
    assert later.url == address("record_inquiry", "buses")
    task = signed_in.get(later.url).context["tasks"][1]
    assert (task.status, task.hint) == ("In progress", "2 read or typed, not recorded yet")
    answer = signed_in.post(where, sent_by_browser(signed_in.get(where).context["rows"]))
    assert answer.url == later.url
    assert [(one.reference, one.text) for one in bus_inquiry.recommendations.all()] == [
        ("1a", "That A is done."),
        ("2", "That B is done."),
    ]
    assert not Draft.objects.exists()
    task = signed_in.get(later.url).context["tasks"][1]
    assert (task.status, task.hint) == ("Completed", "2 recorded")


def test_autosave_makes_a_draft_of_the_page_for_the_clerk_alone(signed_in, bus_inquiry, clerk, officer):
    where = address("autosave_recommendations", "buses")
    typed = row(0, reference="1", text="That A is done.") | {"writer": clerk.signed_key}
    assert signed_in.post(where, typed).status_code == 200
    page = address("add_recommendations", "buses")
    assert signed_in.get(page).context["rows"].rows[0]["text"].value() == "That A is done."
    assert signed_in.post(where, typed | {"writer": officer.signed_key}).status_code == 403
    assert signed_in.post(where, row(0, text="A word. " * 26_000)).status_code == 400
    many = {f"row-{number}-text": "That it is done." for number in range(301)}
    assert signed_in.post(where, many).status_code == 400
    assert signed_in.post(address("autosave_responses", "trees"), typed).status_code == 404
    assert Draft.objects.get().address == page


def test_rows_of_recommendations_say_what_is_wrong_and_lose_nothing(signed_in, three):
    where = address("add_recommendations", "buses")
    sent = (
        row(0, reference="3", text="")
        | row(1, reference="", text="That B is done.")
        | row(2, reference="2", text="That C is done.")
        | row(3, reference="4", text="That D is done.")
        | row(4, reference="4", text="That E is done.")
        | row(5, reference="a/b?", text="That F is done.")
        | row(6, reference="", text="Introduction", leave_out="on")
    )
    answer = signed_in.post(where, sent | {"action": "record"})
    assert errors(answer) == [
        "Enter the wording of this recommendation",
        "Enter the number of this recommendation",
        "This inquiry already has a recommendation 2",
        "The number 4 is used twice",
        "Enter a number such as 1a, R7, 2.1 or 4a) i): at most 24 characters, without the signs / ? #.",
    ]
    assert [form["text"].value() for form in answer.context["rows"].rows][1:3] == ["That B is done.", "That C is done."]
    assert Recommendation.objects.count() == 3


@pytest.mark.parametrize("doubts", ["[" * 100_000, '{"a": 1}', "[[1, 2, 3]]", "words", '[["text", "Check."]]'])
def test_doubts_that_no_page_wrote_are_passed_over(doubts, signed_in, bus_inquiry):
    sent = row(0, reference="1", text="That A is done.", doubts_found=doubts) | {"action": "record"}
    assert signed_in.post(address("add_recommendations", "buses"), sent).status_code == 302


def test_no_rows_are_not_recorded(signed_in, bus_inquiry):
    answer = signed_in.post(address("add_recommendations", "buses"), row(0, reference="") | {"action": "record"})
    assert errors(answer) == ["There is nothing to record yet: fill in at least one"]


def test_correct_and_delete_a_recommendation(signed_in, three):
    where = address("correct_recommendation", three[0].pk)
    sent = sent_by_browser(signed_in.get(where).context["form"], reference="1", text="That one is done.")
    assert signed_in.post(where, sent).url == address("check_inquiry", "buses")
    assert signed_in.post(address("delete_recommendation", three[2].pk)).url == address("recommendations", "buses")
    assert [one.reference for one in Recommendation.objects.all()] == ["1", "1b"]


def test_paste_recommendations_twice_and_look_through_them_together(signed_in, three):
    where, rows = address("recommendations", "buses"), address("add_recommendations", "buses")
    text = "Recommendations of the committee\n\n2. That B is done.\n\n3. That C is done."
    assert signed_in.post(where, {"text": text, "parts": "separate"}).url == rows
    assert signed_in.post(where, {"text": "5. That E is done.", "parts": "separate"}).url == rows
    assert "3 rows that you read or typed" in signed_in.get(where).content.decode()
    page = signed_in.get(rows)
    found = [(row["reference"].value(), row["text"].value()) for row in page.context["rows"].rows]
    assert found == [("2", "That B is done."), ("3", "That C is done."), ("5", "That E is done.")]
    assert "2 is recorded already, so it is left out." in page.content.decode()
    assert signed_in.post(rows, sent_by_browser(page.context["rows"])).status_code == 302
    assert [one.reference for one in Recommendation.objects.all()] == ["1a", "1b", "2", "3", "5"]


def test_text_looked_through_twice_is_there_once(signed_in, bus_inquiry):
    where, rows = address("recommendations", "buses"), address("add_recommendations", "buses")
    text = "Recommendations\n\n1. That A is done.\n\n2. That B is done."
    for said in (text, text, text.replace("B is", "B and C are")):
        assert signed_in.post(where, {"text": said, "parts": "separate"}).url == rows
    shown = signed_in.get(rows).context["rows"]
    found = [(row["reference"].value(), row["text"].value(), row["leave_out"].value()) for row in shown.rows]
    assert found == [
        ("1", "That A is done.", False),
        ("2", "That B is done.", False),
        ("2", "That B and C are done.", True),
    ]
    assert "A row above is 2 already, so this one is left out." in words(signed_in.get(rows))


def test_responses_looked_through_twice_are_there_once(signed_in, three):
    where, rows = address("responses", "buses"), address("add_responses", "buses")
    text = "1a. Accepted. We will.\n\n2. Accepted. Soon."
    for said in (text, text, text.replace("Soon", "In May")):
        assert signed_in.post(where, {"text": said}).url == rows
    shown = signed_in.get(rows).context["rows"]
    assert [row["answers"].value() for row in shown.rows] == ["1a", "2", "2"]
    assert "A row above answers 2 already, so this one is left out." in words(signed_in.get(rows))


def test_discarding_rows_is_asked_about_first(signed_in, bus_inquiry):
    answer = signed_in.post(address("recommendations", "buses"), {"text": "1. That A is done.", "parts": "separate"})
    folded = re.search(r"<details.*?</details>", words(signed_in.get(answer.url)))[0]
    assert "cannot be brought back" in folded and 'value="discard"' in folded


@pytest.mark.parametrize(
    ("parts", "references", "read"),
    [("separate", ["1a", "1b"], "of their own"), ("together", ["1"], "read as one recommendation")],
)
def test_parts_are_read_as_the_clerk_says(parts, references, read, signed_in, bus_inquiry):
    text = "1. That the council:\n\na) mends its buses;\n\nb) paints its bus stops."
    answer = signed_in.post(address("recommendations", "buses"), {"text": text, "parts": parts})
    rows = signed_in.get(answer.url).context["rows"]
    assert [row["reference"].value() for row in rows.rows] == references
    assert read in rows.doubts[0]
    signed_in.post(answer.url, {"action": "discard"})
    assert not Draft.objects.exists()


def test_recommendations_from_a_file(signed_in, bus_inquiry):
    file = SimpleUploadedFile("report.csv", b"Number,Recommendation\n1,That A is done.\n2,That B is done.\n")
    answer = signed_in.post(address("recommendations", "buses"), {"file": file, "text": "", "parts": "separate"})
    rows = signed_in.get(answer.url).context["rows"]
    assert [row["reference"].value() for row in rows.rows] == ["1", "2"]


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ({"text": " "}, "Paste the text, or choose a file"),
        (
            {"text": "1. That A.", "file": SimpleUploadedFile("a.csv", b"1")},
            "Paste the text or choose a file, not both",
        ),
        ({"text": "Dear all, kind regards"}, "No recommendation was found in it."),
        ({"file": SimpleUploadedFile("a.docx", b"words")}, "not a Word document"),
        ({"text": "1. That A is done. " + "A word. " * 26_000}, "too long"),
    ],
)
def test_what_cannot_be_read_is_said(sent, message, signed_in, bus_inquiry):
    answer = signed_in.post(address("recommendations", "buses"), {"parts": "separate"} | sent)
    assert message in answer.context["form"].error_summary()[0].message
    assert not Draft.objects.exists()


# Responses


def test_paste_responses_with_their_doubts(signed_in, three, officer):
    where = address("responses", "buses")
    text = "1a. Accepted. It begins in spring.\n\n2. Not accepted.\n\n9. Accepted. We do."
    answer = signed_in.post(where, {"text": text})
    page = signed_in.get(answer.url)
    rows = page.context["rows"].rows
    assert [(row["answers"].value(), row["decision"].value()) for row in rows] == [
        ("1a", "accepted"),
        ("2", "not_accepted"),
        ("", "accepted"),
    ]
    assert "No recorded recommendation was found for this" in page.content.decode()
    sent = (
        sent_by_browser(page.context["rows"]) | row(1, reason="Costs.") | row(2, leave_out="on") | {"incomplete": "on"}
    )
    assert signed_in.post(answer.url, sent).status_code == 302
    assert {one.references: one.reason for one in Response.objects.all()} == {"1a": "", "2": "Costs."}


def test_type_responses_for_some_and_several_together(signed_in, three, cabinet_member, officer):
    where = address("add_responses", "buses")
    rows = signed_in.get(where).context["rows"]
    assert [form["answers"].value() for form in rows.rows] == ["1a", "1b", "2"]
    changes = row(
        0,
        answers="1a, 1b",
        decision="in_part",
        text="Some of it.",
        reason="Costs.",
        lead_officer="Siân Llŷr-Ôwain",
        target_date_day="1",
        target_date_month="4",
        target_date_year="2027",
    )
    header = {
        "responded_on_day": "12",
        "responded_on_month": "11",
        "responded_on_year": "2026",
        "cabinet_member": cabinet_member.pk,
    }
    answer = signed_in.post(where, sent_by_browser(rows, **changes, **header))
    response = Response.objects.get()
    assert response.references == "1a and 1b"
    assert (response.decision, response.text, response.reason) == (Decision.IN_PART, "Some of it.", "Costs.")
    assert (response.lead_officer, response.cabinet_member) == (officer, cabinet_member)
    assert (response.target_date, response.responded_on) == (date(2027, 4, 1), date(2026, 11, 12))
    assert response.responding_body == "Cabinet"
    task = signed_in.get(answer.url).context["tasks"][2]
    assert (task.status, task.due) == ("2 of 3", date(2027, 1, 1))
    # What holds for all rows is proposed again for those that are missing.
    header = signed_in.get(where).context["rows"].header
    assert (header["responded_on"].value(), header["cabinet_member"].value()) == (date(2026, 11, 12), cabinet_member.pk)
    assert 'name="responded_on_day" value="12"' in signed_in.get(where).content.decode()


def test_rows_of_responses_say_what_is_wrong(signed_in, three, bus_inquiry, clerk):
    response_actions.record_response(bus_inquiry, recommendations=three[2:], decision="accepted", by=clerk, now=NOW)
    sent = (
        row(0, answers="1a", decision="")
        | row(0, text="Agreed.")
        | row(1, answers="1a, 7", decision="accepted")
        | row(2, answers="2", decision="accepted", text="Once more.")
        | row(3, answers="1b", decision="not_accepted")
        | row(
            4, answers="1b", decision="accepted", target_date_day="31", target_date_month="2", target_date_year="2027"
        )
    )
    answer = signed_in.post(address("add_responses", "buses"), sent | {"action": "record", "responding_body": ""})
    assert errors(answer) == [
        "Enter who responded",
        "Choose Cabinet’s decision",
        "This inquiry has no recommendation 7. Its numbers: 1a, 1b, 2.",
        "2 has a response already",
        "Give Cabinet’s reason: it is needed unless a recommendation is accepted",
        "1b is answered in row 4 too",
        "There is no such day in that month",
    ]


def test_lead_officers_are_recorded_where_they_are_missed(signed_in, three, officer, member):
    where = address("add_responses", "buses")
    rows = signed_in.get(where).context["rows"]
    changes = row(0, decision="accepted", lead_officer="Rhys Vaughan, Engineer")
    changes |= row(1, decision="accepted", lead_officer="rhys vaughan") | row(
        2, decision="accepted", lead_officer="Sian"
    )
    answer = signed_in.post(where, sent_by_browser(rows, **changes, incomplete="on"))
    missing = "Nobody called “{}” is recorded. Correct the name, or record them below."
    assert errors(answer) == [missing.format(name) for name in ("Rhys Vaughan, Engineer", "rhys vaughan", "Sian")]
    new = answer.context["rows"].people.new[0]
    assert (new.person_name, new["job_title"].value(), new.is_ticked) == ("Rhys Vaughan", "Engineer", False)
    changes = {f"{new.prefix}-add": "on", f"{new.prefix}-email": "anwen@wealdshire.example"}
    changes |= row(2, lead_officer="Siân Llŷr-Ôwain")
    answer = signed_in.post(where, sent_by_browser(answer.context["rows"], **changes, incomplete="on"))
    assert errors(answer) == ["Councillor Anwen Pritchard already has this e-mail address"]
    changes = {f"{new.prefix}-email": "rhys@wealdshire.example"}
    answer = signed_in.post(where, sent_by_browser(answer.context["rows"], **changes, incomplete="on"))
    made = Person.objects.get(name="Rhys Vaughan")
    assert (made.job_title, made.email) == ("Engineer", "rhys@wealdshire.example")
    assert [one.lead_officer for one in Response.objects.in_order()] == [made, made, officer]
    assert "New people: Rhys Vaughan." in signed_in.get(answer.url).content.decode()


def name_lead_officer(signed_in, name):
    """The answer to the form in which the first recommendation is accepted, to be led by who is called this."""
    where = address("add_responses", "buses")
    changes = row(0, decision="accepted", lead_officer=name)
    return signed_in.post(where, sent_by_browser(signed_in.get(where).context["rows"], **changes, incomplete="on"))


def test_who_has_left_is_not_recorded_a_second_time(signed_in, three, bus_inquiry, clerk, officer):
    Person.objects.filter(pk=officer.pk).update(is_active=False)
    answer = name_lead_officer(signed_in, "Siân Llŷr-Ôwain, Head of Service")
    assert errors(answer) == [
        "“Siân Llŷr-Ôwain, Head of Service” has left. Name who takes their place. Only where it is someone else, "
        "record them below."
    ]
    # A name that is read from a document is not ticked to be recorded, either.
    draft = signed_in.post(address("responses", "buses"), {"text": "1a. Accepted. Lead officer: Siân Llŷr-Ôwain"})
    (new,) = signed_in.get(draft.url).context["rows"].people.new
    assert (new.person_name, new.is_ticked) == ("Siân Llŷr-Ôwain", False)


def test_a_name_that_may_be_somebody_is_never_guessed(signed_in, three, officer):
    janice, other = person("Janice Moore", job_title="Director"), person("John Moore")
    where = address("add_responses", "buses")
    answer = name_lead_officer(signed_in, "J Moore")
    field = answer.context["rows"].rows[0]["lead_officer"]
    assert field.person["matches"] == [
        (janice.pk, "Janice Moore, Director (no e-mail address)"),
        (other.pk, "John Moore (no e-mail address)"),
    ]
    assert "may be one of these people" in errors(answer)[0]
    changes = row(0, lead_officer_key=str(janice.pk))
    signed_in.post(where, sent_by_browser(answer.context["rows"], **changes, incomplete="on"))
    assert Response.objects.get().lead_officer == janice


def test_somebody_who_sits_on_the_committee_leads_nothing(signed_in, three, member):
    answer = name_lead_officer(signed_in, "Anwen Pritchard")
    assert errors(answer) == [
        "1a: Councillor Anwen Pritchard sits on the Communities Select Committee, which judges this work: choose "
        "another person."
    ]
    assert answer.context["rows"].rows[0]["lead_officer"].value()[0] == "Anwen Pritchard"


def test_correct_a_response(signed_in, three, bus_inquiry, clerk, officer, cabinet_member):
    response = response_actions.record_response(
        bus_inquiry, recommendations=three[:1], decision="accepted", target_date=date(2028, 4, 1), by=clerk, now=NOW
    )
    where = address("correct_response", response.pk)
    changes = {
        "answers": "1a, 1b",
        "lead_officer": "Siân Llŷr-Ôwain",
        "cabinet_member": "Adeyemi",
        "target_date_year": "2027",
        "text": "Agreed.",
    }
    answer = signed_in.post(where, sent_by_browser(signed_in.get(where).context["form"], **changes))
    assert answer.url == address("check_inquiry", "buses")
    response = Response.objects.get()
    assert (response.references, response.lead_officer, response.cabinet_member) == (
        "1a and 1b",
        officer,
        cabinet_member,
    )
    assert (response.original_target_date, response.text) == (date(2027, 4, 1), "Agreed.")


def test_correct_a_response_on_which_progress_was_asked_for(signed_in, inquiry, clerk, contributor):
    factories.make_report(inquiry, clerk)
    response = inquiry.recommendations.get(reference="2").response
    where = address("correct_response", response.pk)
    form = signed_in.get(where).context["form"]
    assert "target_date" not in form.fields
    answer = signed_in.post(where, sent_by_browser(form, answers="10"))
    assert "progress has already been asked for" in answer.context["form"].error_summary()[0].message
    answer = signed_in.post(where, sent_by_browser(form, lead_officer="Priya Nair"))
    assert answer.url == "/inquiries/warm-homes-inquiry/2/"
    response.refresh_from_db()
    assert response.lead_officer == contributor


def test_a_new_lead_officer_is_recorded_where_they_are_missed_later(signed_in, three, bus_inquiry, clerk):
    given = {"recommendations": three, "decision": "accepted", "text": "Agreed."}
    response = response_actions.record_response(bus_inquiry, **given, by=clerk, now=NOW)
    where = address("correct_response", response.pk)
    form = signed_in.get(where).context["form"]
    form = signed_in.post(where, sent_by_browser(form, lead_officer="Rhys Vaughan")).context["form"]
    assert "Nobody called “Rhys Vaughan” is recorded" in form.error_summary()[0].message
    (new,) = form.people.new
    sent = (
        sent_by_browser(form)
        | sent_by_browser(new)
        | {f"{new.prefix}-add": "on", f"{new.prefix}-job_title": "Engineer"}
    )
    assert signed_in.post(where, sent).url == address("check_inquiry", "buses")
    response.refresh_from_db()
    assert response.lead_officer.title_and_name == "Rhys Vaughan, Engineer"


def test_a_lead_officer_who_has_left_stays_until_another_is_named(signed_in, inquiry, other_officer):
    response = inquiry.recommendations.get(reference="2").response
    Person.objects.filter(pk=other_officer.pk).update(is_active=False)
    where = address("correct_response", response.pk)
    sent = sent_by_browser(signed_in.get(where).context["form"], text="Once a year.")
    assert signed_in.post(where, sent).status_code == 302
    response.refresh_from_db()
    assert (response.text, response.lead_officer) == ("Once a year.", other_officer)


def test_remove_a_response(signed_in, inquiry):
    response = inquiry.recommendations.get(reference="1a").response
    assert "1a and 1b" in signed_in.get(address("remove_response", response.pk)).content.decode()
    answer = signed_in.post(address("remove_response", response.pk))
    assert answer.url == address("responses", inquiry.slug)
    assert not Response.objects.filter(pk=response.pk).exists()


def test_your_work_lists_inquiries_until_they_are_public(signed_in, inquiry, three, committee, clerk):
    new = inquiries.add_inquiry(committee=committee, title="Trees", by=clerk, now=NOW)

    def tasks():
        return [(task.name, task.status) for task in signed_in.get("/").context["being_recorded"]]

    waiting = [("Buses", "0 of 3 answered"), ("Warm Homes Inquiry", "To publish")]
    assert tasks() == [("Trees", "No recommendations yet"), *waiting]
    inquiries.publish_inquiry(new, by=clerk, now=NOW)
    assert tasks() == waiting


# The last look, and the whole inquiry


def test_check_answers_names_what_is_open_and_the_next_step(signed_in, three, bus_inquiry, clerk, cabinet_member):
    response_actions.record_response(
        bus_inquiry,
        recommendations=three[:2],
        decision="accepted",
        text="Agreed.",
        responded_on=date(2026, 11, 12),
        cabinet_member=cabinet_member,
        by=clerk,
        now=NOW,
    )
    page = signed_in.get(address("check_inquiry", "buses"))
    assert [(sentence, [text for text, _ in links]) for sentence, links in page.context["doubts"]] == [
        ("When the inquiry report was completed is not recorded.", ["Enter it"]),
        ("No response to 2 is recorded.", ["Add the response"]),
        ("No lead officer is named, so nobody can be asked for an update:", ["1a and 1b"]),
    ]
    assert page.context["next_report"] == (6, date(2027, 5, 12))
    assert "12 May 2027" in page.content.decode()
    assert address("publish_inquiry", "buses") in page.content.decode()
    assert address("check_inquiry", "buses") in signed_in.get(address("publish_inquiry", "buses")).content.decode()


def test_the_day_and_the_cabinet_member_are_asked_for(signed_in, three, cabinet_member, officer):
    where = address("add_responses", "buses")
    rows = signed_in.get(where).context["rows"]
    page = signed_in.post(where, sent_by_browser(rows, **row(0, decision="accepted", text="Agreed.")))
    header = page.context["rows"].header
    assert header.errors == {
        "responded_on": ["Enter when Cabinet responded, or tick that it is not known yet"],
        "cabinet_member": ["Choose the Cabinet Member, or tick that it is not known yet"],
    }
    assert "they are not known yet" in page.content.decode()
    mistyped = {"responded_on_day": "12", "responded_on_month": "11", "responded_on_year": "2126"}
    page = signed_in.post(where, sent_by_browser(rows, **row(0, decision="accepted", text="Agreed."), **mistyped))
    assert errors(page)[0] == "The date of the response is still to come"
    assert not Response.objects.exists()
    sent = sent_by_browser(rows, **row(0, decision="accepted", text="Agreed."), incomplete="on")
    assert signed_in.post(where, sent).status_code == 302
    assert Response.objects.get().responded_on is None


def test_the_day_and_the_cabinet_member_of_all_are_changed_at_once(
    signed_in, three, bus_inquiry, clerk, cabinet_member
):
    days = (date(2026, 11, 12), None, None)
    for one, day in zip(three, days, strict=True):
        response_actions.record_response(
            bus_inquiry, recommendations=[one], decision="accepted", responded_on=day, by=clerk, now=NOW
        )
    check = signed_in.get(address("check_inquiry", "buses"))
    assert check.context["groups"] == [(date(2026, 11, 12), None, "1a"), (None, None, "1b, 2")]
    where = address("correct_responses", "buses")
    page = signed_in.get(where)
    assert page.context["form"]["only_missing"].value() == "yes"
    sent = {"seen": page.context["mark"], "only_missing": "yes", "cabinet_member": cabinet_member.pk}
    nothing = signed_in.post(where, sent | {"cabinet_member": ""})
    assert nothing.context["form"].non_field_errors() == ["Enter the day or choose the Cabinet Member"]
    new_day = {"responded_on_day": "3", "responded_on_month": "11", "responded_on_year": "2026"}
    assert signed_in.post(where, sent | new_day).url == address("check_inquiry", "buses")
    recorded = Response.objects.order_by("pk").values_list("responded_on", "cabinet_member")
    assert list(recorded) == [(day or date(2026, 11, 3), cabinet_member.pk) for day in days]
    assert Entry.objects.filter(verb="correct_response").count() == 3
    # What was shown is no longer so.
    refused = signed_in.post(where, sent | new_day | {"only_missing": "no"})
    assert "has been changed since you opened this page" in refused.content.decode()
    mark = signed_in.get(where).context["mark"]
    signed_in.post(where, sent | new_day | {"only_missing": "no", "seen": mark})
    assert {day for day, _ in recorded.all()} == {date(2026, 11, 3)}


def test_too_many_rows_are_refused_and_none_is_dropped(signed_in, three):
    sent = {"action": "record"}
    for number in range(10_000, 10_000 + MOST_ROWS + 1):
        sent |= row(number, reference=str(number), text="That all is done.")
    page = signed_in.post(address("add_recommendations", "buses"), sent)
    assert "too long to be looked through at once" in page.content.decode()
    assert Recommendation.objects.filter(inquiry__slug="buses").count() == 3


@pytest.mark.parametrize("count", [1, 3])
def test_queries_of_the_pages_do_not_grow(
    count, signed_in, inquiry, three, bus_inquiry, clerk, officer, cabinet_member, django_assert_max_num_queries
):
    for one in three[:count]:
        leads = {"lead_officer": officer, "cabinet_member": cabinet_member}
        response_actions.record_response(
            bus_inquiry, recommendations=[one], decision="accepted", **leads, by=clerk, now=NOW
        )
    for name in ("record_inquiry", "recommendations", "add_recommendations", "responses", "add_responses"):
        with django_assert_max_num_queries(9):
            signed_in.get(address(name, "buses"))
    with django_assert_max_num_queries(10):
        signed_in.get(address("check_inquiry", "buses"))


@pytest.mark.parametrize("count", [1, 3])
def test_queries_for_names_do_not_grow(count, signed_in, three, officer, other_officer, django_assert_num_queries):
    names = ["Siân Llŷr-Ôwain", "Tom Okafor", "Rhys Vaughan"][:count]
    sent = {"action": "record", "responding_body": ""}
    for number, name in enumerate(names):
        sent |= row(number, answers="2", decision="accepted", lead_officer=name)
    with django_assert_num_queries(7 if count == 1 else 9):
        signed_in.post(address("add_responses", "buses"), sent)


def test_delete_inquiry_leaves_no_draft_for_the_next_of_that_name(signed_in, committee, bus_inquiry, clerk, three):
    signed_in.post(address("add_recommendations", "buses"), row(0, reference="9", text="A.") | {"action": "later"})
    assert Draft.objects.count() == 1
    answer = signed_in.post(address("delete_inquiry", "buses"))
    assert answer.url == "/inquiries/"
    assert (Inquiry.objects.count(), Draft.objects.count()) == (0, 0)
    assert Entry.objects.filter(verb="delete_inquiry").count() == 1


def test_a_public_inquiry_is_not_deleted(signed_in, inquiry, clerk):
    inquiries.publish_inquiry(inquiry, by=clerk, now=NOW)
    assert signed_in.get(address("delete_inquiry", inquiry.slug)).status_code == 403
    answer = signed_in.post(address("delete_inquiry", inquiry.slug))
    assert "public" in answer.context["form"].error_summary()[0].message
    page = signed_in.get(address("record_inquiry", inquiry.slug)).content.decode()
    assert "Delete this inquiry" not in page

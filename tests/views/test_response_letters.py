"""The clerk's way from a reminder to the sentence on the public page."""

import io
from datetime import date

import pikepdf
import pytest
from django.urls import reverse
from docx import Document

from inquiries.actions import inquiries
from inquiries.models import Inquiry, ResponseLetter
from tests.actions.test_response_letters import RECEIVED, at, respond, send_all


@pytest.fixture
def inquiry(committee, clerk):
    """Public; the response was due on 31 July 2026, and has not come."""
    made = Inquiry.objects.create(committee=committee, title="Damp Homes", slug="damp-homes", received_on=RECEIVED)
    inquiries.add_recommendation(made, reference="1", text="That walls are dry.", by=clerk, now=at(RECEIVED))
    inquiries.publish_inquiry(made, by=clerk, now=at(RECEIVED))
    return made


def address(step):
    return reverse("clerk:write_letter", args=["damp-homes", step])


def test_inquiry_shows_the_next_step_to_clerks_alone(client, inquiry, clerk, officer, django_assert_max_num_queries):
    assert "Letters about the response" not in client.get(inquiry.get_absolute_url()).content.decode()
    client.force_login(clerk)
    with django_assert_max_num_queries(12):
        page = client.get(inquiry.get_absolute_url()).content.decode()
    assert "first letter</a>: it can go out now." in page
    assert address("first") in page
    assert address("second") not in page


def test_first_letter_is_written_and_recorded(client, inquiry, clerk, cabinet_member):
    client.force_login(clerk)
    page = client.get(address("first"))
    body = page.context["form"].initial["body"]
    assert body.startswith(
        "On 1 June 2026 the Communities Select Committee asked for a response to its report “Damp Homes” and its "
        "recommendation 1. The response was due on 31 July 2026."
    )
    seat = cabinet_member.cabinet_seats.get()
    posted = {
        "recipient": seat.pk, "other": "", "body": body, "sent_on_day": 3, "sent_on_month": 8, "sent_on_year": 2026,
    }  # fmt: skip
    preview = client.post(address("first"), posted | {"action": "docx"})
    assert preview["Content-Disposition"] == 'attachment; filename="first-letter-damp-homes.docx"'
    assert not ResponseLetter.objects.exists()
    elsewhere = {"recipient": "other", "other": "The Chief Executive, Wealdshire Hospitals", "action": "docx"}
    word = Document(io.BytesIO(client.post(address("first"), posted | elsewhere).content))
    lines = [paragraph.text for paragraph in word.paragraphs]
    assert {"The Chief Executive, Wealdshire Hospitals", "Dear Sir or Madam", "Yours faithfully"} <= set(lines)
    sent = client.post(address("first"), posted, follow=True).content.decode()
    letter = ResponseLetter.objects.get()
    assert (letter.sent_on, letter.sent_by, letter.salutation) == (
        date(2026, 8, 3), clerk, "Dear Councillor Ruth Adeyemi",
    )  # fmt: skip
    assert "Sent on 3 August 2026 to Councillor Ruth Adeyemi, Cabinet Member for Communities" in " ".join(sent.split())
    assert "second letter" in sent
    word = Document(io.BytesIO(client.get(reverse("clerk:letter", args=["damp-homes", "first", "docx"])).content))
    lines = [paragraph.text for paragraph in word.paragraphs]
    assert lines[1:6] == [
        "Communities Select Committee",
        "3 August 2026",
        "Councillor Ruth Adeyemi, Cabinet Member for Communities",
        "Dear Councillor Ruth Adeyemi",
        "Response to the report “Damp Homes”: first letter",
    ]
    assert lines[-3:] == ["Carys Whitlock", "Scrutiny Officer", "Communities Select Committee"]
    pdf = client.get(reverse("clerk:letter", args=["damp-homes", "first", "pdf"])).content
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert opened.Root.MarkInfo.Marked
        assert str(opened.docinfo["/Title"]) == "Response to the report “Damp Homes”: first letter"


def test_final_letter_names_the_law(client, inquiry, clerk):
    client.force_login(clerk)
    for step, health, law in (("final", False, "Section 9FE of the Local Government Act 2000"), ("final", True, "22")):
        ResponseLetter.objects.all().delete()
        Inquiry.objects.update(is_health=health)
        inquiry.refresh_from_db()
        send_all(inquiry, clerk)
        ResponseLetter.objects.filter(step=step).delete()
        assert law in client.get(address(step)).context["form"].initial["body"]


def test_refused_words_stay(client, inquiry, clerk):
    client.force_login(clerk)
    posted = {"recipient": "other", "other": "", "body": "My own words.", "sent_on_day": 1}
    page = client.post(address("first"), posted).content.decode()
    assert "Enter to whom the letter goes" in page
    assert "My own words." in page
    assert client.get(address("second")).status_code == 403
    assert client.get(address("fifth")).status_code == 404


def test_public_page_says_that_none_has_come_until_it_comes(client, inquiry, clerk):
    sentence = "asked for a response to this report on 1 June 2026. It was due on 31 July 2026, and has not come."
    send_all(inquiry, clerk)
    assert sentence not in client.get(inquiry.get_absolute_url()).content.decode()
    client.force_login(clerk)
    publish = reverse("clerk:publish_no_response", args=["damp-homes"])
    assert publish in client.get(inquiry.get_absolute_url()).content.decode()
    assert sentence in client.get(publish).content.decode()
    client.post(publish)
    client.logout()
    assert sentence in client.get(inquiry.get_absolute_url()).content.decode()
    respond(inquiry, clerk)
    assert sentence not in client.get(inquiry.get_absolute_url()).content.decode()

"""What is kept about a person as a file, for a clerk and for themselves; a person erased."""

import json
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from inquiries.actions import history
from inquiries.actions.handover import record_leaver
from inquiries.actions.imports import keep_import
from inquiries.choices import Stage
from inquiries.imports.draft import DraftReport
from inquiries.models import Entry, Membership, MinutesEdition, Person
from tests import factories
from tests.cast import NOW, person

YOUR_DATA = "/accounts/you/data.json"


def export_of(someone):
    return reverse("clerk:export_person", args=[someone.pk])


def erase(someone):
    return reverse("clerk:erase_person", args=[someone.pk])


def data_of(answer):
    assert answer["Content-Disposition"] == 'attachment; filename="personal-data.json"'
    assert "no-store" in answer["Cache-Control"]
    return json.loads(answer.content)


def test_export_person(client, clerk, officer):
    client.force_login(clerk)
    page = client.get(export_of(officer)).content.decode()
    assert "For a person who asks (UK GDPR Article 15)." in page
    # To look at the page is no deed.
    assert not Entry.objects.about(officer).exists()
    answer = client.post(export_of(officer))
    assert data_of(answer)["Account"][0]["Name"] == "Siân Llŷr-Ôwain"
    # Read as it is written, without escapes.
    assert "Siân Llŷr-Ôwain" in answer.content.decode()
    assert Entry.objects.about(officer).get().sentence == "exported what is kept about this person"


def test_export_person_requires_a_clerk(client, officer, other_officer, chair):
    assert client.post(export_of(officer)).url.startswith("/accounts/login/")
    for who in (other_officer, chair, officer):
        client.force_login(who)
        assert (client.get(export_of(officer)).status_code, client.post(export_of(officer)).status_code) == (404, 404)


def test_your_data_is_ones_own(client, officer, member):
    assert client.get(YOUR_DATA).url == f"/accounts/login/?next={YOUR_DATA}"
    for who in (officer, member):
        client.force_login(who)
        assert "The data we hold about you" in client.get(YOUR_DATA).content.decode()
        assert [one["Name"] for one in data_of(client.post(YOUR_DATA))["Account"]] == [who.name]
    assert Entry.objects.about(officer).get().sentence == "exported their own personal data"


def test_erase_person_shows_obstacles(client, clerk, inquiry, officer):
    client.force_login(clerk)
    page = client.get(erase(officer)).content.decode()
    assert "they lead responses that still come back in reports" in page
    assert reverse("clerk:record_leaver", args=[officer.pk]) in page
    assert "Erase their data for good" not in page
    assert client.post(erase(officer), {"name": officer.name}).status_code == 200
    assert Person.objects.get(pk=officer.pk).erased_at is None


@pytest.mark.parametrize("name", ["", "Somebody Else"])
def test_erase_person_requires_the_name(client, clerk, stranger, name):
    client.force_login(clerk)
    answer = client.post(erase(stranger), {"name": name})
    assert 'href="#id_name"' in answer.content.decode()
    assert Person.objects.get(pk=stranger.pk).erased_at is None


def test_erase_person(client, clerk):
    guest = person("Gwen Rees", "gwen@wealdshire.example", organisation="Warm Homes Trust")
    client.force_login(clerk)
    page = client.get(erase(guest)).content.decode()
    for words in (
        "What goes",
        f"The name on the record, which becomes “Erased person {guest.pk}”, and the job title, unless a published "
        "report, agenda pack or minutes print the name: they are searched for it when you erase.",
        "The organisation.",
        "What stays, and why",
    ):
        assert words in page
    answer = client.post(erase(guest), {"name": " gwen  REES "}, follow=True)
    answer = answer.content.decode()
    assert f"The personal data of Erased person {guest.pk} are erased." in answer
    assert "The name was kept" not in answer
    assert (
        "Gwen" not in client.get(reverse("clerk:person", args=[guest.pk])).content.decode().partition('id="history"')[0]
    )
    page = client.get(erase(guest)).content.decode()
    assert "Carys Whitlock erased the personal data of this person on" in page
    assert "Erase their data for good" not in page


def test_erase_person_says_what_stays(client, clerk, committee):
    guest = person("Gwen Rees")
    keep_import(DraftReport(cabinet_members=["Gwen Rees"]), file_name="report", checksum="0", by=clerk, now=NOW)
    years = {"from_date": date(2020, 1, 1), "until_date": date(2021, 1, 1)}
    Membership.objects.create(committee=committee, person=guest, **years)
    history.write("changed", guest, "changed the person", by=clerk, now=NOW)
    client.force_login(clerk)
    page = " ".join(client.get(erase(guest)).content.decode().split())
    for text in (
        "The name and the job title, because the public record names them.",
        "1 entry of the history, with the name as it was",
        "Text by others may also name them; it is not searched.",
        "1 file (Word report or tracker) on its way in that names them: deleted unless recorded within 30 days.",
        "1 seat on committees, which are open to public inspection",
    ):
        assert text in page


def test_erase_person_says_that_an_edition_prints_the_name(client, clerk, committee):
    guest = person("Gwen Rees")
    MinutesEdition.objects.create(
        meeting=factories.make_meeting(committee),
        number=1,
        content={"present": ["Gwen Rees"]},
        published_at=NOW,
        published_by=clerk,
    )
    client.force_login(clerk)
    answer = client.post(erase(guest), {"name": "Gwen Rees"}, follow=True).content.decode()
    assert (
        "The personal data of Gwen Rees are erased. The name was kept, because the public record names the person."
    ) in answer


def test_erased_person_cannot_sign_in(client, clerk, stranger, mailoutbox):
    other = client_of(stranger)
    client.force_login(clerk)
    client.post(erase(stranger), {"name": stranger.name})
    # Their open session has ended, and no code is sent.
    assert other.get(YOUR_DATA).status_code == 302
    other.post("/accounts/login/", {"login": "nobody@wealdshire.example"})
    assert not mailoutbox


def client_of(someone):
    client = Client()
    client.force_login(someone)
    return client


def test_public_pages_after_erasure(client, clerk, inquiry, committee, officer, other_officer, cabinet_member):
    report = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED, meeting=factories.make_meeting(committee))
    record_leaver(officer, responses=other_officer, by=clerk, now=NOW)
    where = report.get_absolute_url()
    addresses = [
        where,
        *(f"{where.rstrip('/')}.{kind}" for kind in ("pdf", "docx", "csv", "json")),
        inquiry.get_absolute_url(),
    ]
    before = [body_of(client.get(address)) for address in addresses]
    assert "Siân Llŷr-Ôwain".encode() in before[0]
    client.force_login(clerk)
    client.post(erase(officer), {"name": officer.name})
    assert Person.objects.get(pk=officer.pk).erased_at is not None
    client.logout()
    assert [body_of(client.get(address)) for address in addresses] == before


def body_of(answer):
    assert answer.status_code == 200
    return b"".join(answer.streaming_content) if answer.streaming else answer.content

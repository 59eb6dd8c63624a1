"""What is not published, because words that are withheld stand in it: packs, supplements, single reports, comments."""

import hashlib
from dataclasses import replace
from datetime import timedelta

import pytest
from django.urls import reverse

from inquiries.actions import assessments, meetings, packs, publication
from inquiries.actions.inquiries import publish_inquiry
from inquiries.choices import ItemKind, Stage
from inquiries.models import AgendaPack, Evidence, Inquiry, Recommendation, Response
from tests import factories
from tests.cast import NOW
from tests.documents.papers import changed
from tests.marked_agenda import LEAK, MARKER, PLANTED, alter, build_county, make_county, publish_county

LATER = NOW + timedelta(hours=1)


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def county(committee, people):
    """The agenda of `marked_agenda`."""
    return make_county(committee, people)


@pytest.fixture
def published_county(committee, people):
    return publish_county(committee, people)


@pytest.mark.parametrize("place", PLANTED)
def test_refuses_pack_with_exempt_text(place, committee, people, clerk):
    county = build_county(committee, people)
    meeting = county["meeting"]
    alter(meeting.packs.get(edition="public"), PLANTED[place])
    with pytest.raises(packs.ExemptTextFound, match=MARKER):
        packs.publish_packs(meeting, 0, by=clerk, now=LATER)
    assert not AgendaPack.objects.published().exists()
    county["report"].refresh_from_db()
    assert county["report"].stage == Stage.SIGNED_OFF


def test_refuses_paper_with_exempt_text(county, clerk):
    """The pack may drop what a paper says of itself; by itself the paper still says it."""
    received = factories.make_received(2, title="Minutes")
    pdf = changed(received.pdf, PLANTED["property"])
    received = replace(received, pdf=pdf, checksum=hashlib.sha256(pdf).hexdigest())
    item = county["meeting"].items.get(number=2)
    meetings.add_paper(item, received, title="Minutes", by=clerk, now=NOW)
    with pytest.raises(packs.ExemptTextFound, match="the paper “Minutes”"):
        packs.publish_packs(county["meeting"], 0, by=clerk, now=NOW)


def test_agenda_exempt_text_stops_supplement(published_county, clerk):
    meeting = published_county["meeting"]
    item = meetings.add_item(meeting, title="Flooding", kind=ItemKind.PAPERS, by=clerk, now=LATER)
    received = factories.make_received(1, words=f"{LEAK}, and the river rises.")
    meetings.add_paper(item, received, title="Flooding", by=clerk, now=LATER)
    with pytest.raises(packs.ExemptTextFound, match=MARKER):
        packs.publish_packs(meeting, 1, by=clerk, now=LATER)
    assert not AgendaPack.objects.published().filter(supplement=1).exists()


def test_refuses_report_with_exempt_text(county, clerk, tmp_path):
    report = county["report"]
    update = report.updates.for_page().get(exempt_paragraph=1)
    for exempt in (f"{MARKER} is ill.", "She is ill."):
        type(update).objects.filter(pk=update.pk).update(text=f"{LEAK}, we hear.", exempt_text=exempt)
        before = sorted(tmp_path.rglob("*"))
        with pytest.raises(packs.ExemptTextFound, match=MARKER):
            publication.publish(report, by=clerk, now=NOW)
        report.refresh_from_db()
        assert (report.stage, report.editions.count()) == (Stage.SIGNED_OFF, 0)
        assert [path for path in sorted(tmp_path.rglob("*")) if path not in before and path.is_file()] == []


# Where it is written: (its model, which of its records, field, value), with what the message says of the place.
FIELDS = {
    "wording": (Recommendation, {"reference": "1a"}, {"text": LEAK}, "the row of 1a and 1b, “Accepted Rec"),
    "response": (Response, {"text": "Twice a year."}, {"text": LEAK}, "the row of 2, “Original Response"),
    "reason in part": (Response, {"reason": "Costs."}, {"reason": LEAK}, "the row of 2, “Original Response"),
    "refusal": (Response, {"decision": "not_accepted"}, {"reason": LEAK}, "the row of 3b, “Reason”"),
    "end": (Recommendation, {"reference": "4"}, {"ended_reason": LEAK}, "the row of 4, “Reason”"),
    "completion": (Inquiry, {}, {"completed_body": LEAK}, "the head of the report"),
    "link's title": (Evidence, {}, {"title": LEAK}, "the row of 1a and 1b, “Progress Update”"),
    "link": (
        Evidence,
        {},
        {"url": f"https://example.org/{LEAK.replace(' ', '%20')}"},
        "the data, rows, evidence",
    ),
}


@pytest.mark.parametrize(("model", "which", "value", "place"), FIELDS.values(), ids=FIELDS)
def test_refuses_report_whatever_field_leaks(model, which, value, place, county, clerk):
    report = county["report"]
    # Else the inquiry would be refused before its report is looked at.
    publish_inquiry(report.inquiry, by=clerk, now=NOW)
    first = report.updates.for_page().first()
    Evidence.objects.create(update=first, title="A count", url="https://example.org/count")
    report.updates.filter(exempt_paragraph=1).update(exempt_text=f"{LEAK}.")
    assert model.objects.filter(**which).update(**value) == 1
    with pytest.raises(packs.ExemptTextFound, match=f"was found in {place}"):
        publication.publish(report, by=clerk, now=NOW)
    assert not report.editions.exists()


def test_page_shows_found_text(county, clerk, client):
    report = county["report"]
    report.updates.filter(exempt_paragraph=1).update(text=f"{LEAK}, we hear.")
    client.force_login(clerk)
    answer = client.post(reverse("clerk:publish", args=[county["inquiry"].slug, 6]))
    assert answer.status_code == 200
    assert f"“{LEAK}”" in answer.content.decode() and "error-summary" in answer.content.decode()
    report.refresh_from_db()
    assert report.stage == Stage.SIGNED_OFF and not report.inquiry.is_public


def test_refuses_comment_with_exempt_text(published_county, chair, client, tmp_path, monkeypatch):
    county = published_county
    report = county["report"]
    for update in report.updates.for_page():
        assessments.assess(update, rating=2, comment=f"We wish to say: {LEAK}.", seen=None, by=chair, now=LATER)
    url = reverse("committee:confirm", args=[county["inquiry"].slug, 6])
    report.refresh_from_db()
    before = [path for path in sorted(tmp_path.rglob("*")) if path.is_file()]
    monkeypatch.setattr("django.utils.timezone.now", lambda: county["meeting"].start + timedelta(hours=2))
    client.force_login(chair)
    answer = client.post(url, {"seen": report.ratings_version()})
    assert answer.status_code == 409
    assert f"“{LEAK}”" in answer.content.decode() and "error-summary" in answer.content.decode()
    report.refresh_from_db()
    assert (report.stage, report.editions.count()) == (Stage.PUBLISHED, 1)
    assert [path for path in sorted(tmp_path.rglob("*")) if path.is_file()] == before
    # What was typed is still there to be mended.
    assert report.updates.for_page().first().assessment.comment.startswith("We wish")


def test_report_page_shows_figures_and_names(county, clerk, client):
    """Before the report is published by itself; they do not stop it."""
    report = county["report"]
    report.updates.filter(exempt_paragraph=1).update(
        text="We paid 2,350,000 pounds to Grace Bishop.", exempt_text="Grace Bishop wants £2.35m more."
    )
    client.force_login(clerk)
    url = reverse("clerk:publish", args=[county["inquiry"].slug, 6])
    page = client.get(url).content.decode()
    assert "Look at these (2)" in page
    assert "Grace Bishop</blockquote>" in page and "2,350,000 pounds</blockquote>" in page
    assert client.post(url).status_code == 302
    report.refresh_from_db()
    assert report.stage == Stage.PUBLISHED

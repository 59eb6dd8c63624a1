"""What the clerk is told of a pack that was built: pages made smaller, papers that cannot be read aloud."""

import pytest
from django.urls import reverse

from inquiries.actions import meetings, packs
from inquiries.choices import ItemKind
from inquiries.models import Entry
from inquiries.views.clerk_packs import MOST_NOTICED
from tests.cast import NOW
from tests.factories import make_agenda, make_meeting, make_received

UNTAGGED = "“Old plan” is not tagged for screen readers."
ON_THE_PAGE = "Item 3, “Old plan”: not tagged for screen readers"


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def agenda(committee, clerk, client):
    """A tagged paper and an untagged one; the clerk is signed in."""
    client.force_login(clerk)
    meeting = make_agenda(make_meeting(committee), clerk, paper_pages=1)
    item = meetings.add_item(meeting, title="Plans", kind=ItemKind.PAPERS, by=clerk, now=NOW)
    meetings.add_paper(item, make_received(title="Old plan", tagged=False), title="Old plan", by=clerk, now=NOW)
    return meeting


def at(name, meeting):
    return reverse(f"clerk:{name}", args=[meeting.pk, 0])


def told(answer):
    return [str(message) for message in answer.context["messages"]]


def built_entry(meeting):
    return Entry.objects.about(meeting).filter(verb="build_packs").first()


def test_what_was_noticed_is_said_once_and_stays_in_the_history(client, agenda):
    answer = client.post(at("build_pack", agenda), follow=True)
    assert told(answer)[1:] == [UNTAGGED]
    assert (built_entry(agenda).sentence, built_entry(agenda).note) == ("built Agenda pack, public", UNTAGGED)
    assert built_entry(agenda).sentence in client.get(reverse("clerk:agenda", args=[agenda.pk])).content.decode()
    again = client.post(at("build_pack", agenda), follow=True)
    assert told(again) == ["Nothing has changed since the pack was built, so it stays as it is."]


def test_what_both_editions_have_is_noticed_once(agenda, clerk):
    item = agenda.items.get(number=3)
    meetings.add_paper(
        item, make_received(title="Offers", tagged=False), title="Offers", exempt_paragraph=3, by=clerk, now=NOW
    )
    noticed = []
    packs.build_packs(agenda, 0, by=clerk, now=NOW, on_warning=noticed.append)
    assert noticed == [UNTAGGED, "“Offers” is not tagged for screen readers."]


def test_more_than_a_message_holds_is_counted(client, agenda, clerk):
    item = agenda.items.get(number=3)
    for number in range(MOST_NOTICED):
        one = make_received(title=f"Map {number}", tagged=False)
        meetings.add_paper(item, one, title=f"Map {number}", by=clerk, now=NOW)
    message = told(client.post(at("build_pack", agenda), follow=True))[1]
    assert message.count("is not tagged") == MOST_NOTICED
    assert message.endswith("And 1 more, in the history of the agenda.")


def test_the_page_names_the_papers_that_cannot_be_read_aloud(client, agenda, clerk):
    packs.build_packs(agenda, 0, by=clerk, now=NOW)
    assert ON_THE_PAGE in client.get(at("pack", agenda)).content.decode()
    # What is named are the papers of the pack that was built, whatever was done since.
    meetings.remove_paper(agenda.items.get(number=3).documents.get(), by=clerk, now=NOW)
    page = client.get(at("pack", agenda)).content.decode()
    assert "Out of date" in page and ON_THE_PAGE in page


def test_the_history_of_an_agenda_tells_of_its_publication(client, agenda, clerk):
    packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    page = client.get(reverse("clerk:agenda", args=[agenda.pk])).content.decode()
    assert "published Agenda pack, public" in page

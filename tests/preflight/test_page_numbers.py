"""A corrected agenda that has grown into the pages of a supplement that is out already."""

import pytest
from django.urls import reverse

from inquiries.actions import meetings, packs
from inquiries.choices import ItemKind
from inquiries.models import AgendaDocument
from tests.cast import NOW
from tests.factories import make_meeting, make_received


@pytest.fixture(autouse=True)
def own_storage(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def meeting(committee, chair):
    return make_meeting(committee)


@pytest.fixture
def put(meeting, clerk):
    """A function that puts an item with one paper on the agenda; once that is published, into a supplement."""

    def put(title, words, **values):
        item = meetings.add_item(meeting, title=title, kind=ItemKind.PAPERS, by=clerk, now=NOW)
        return meetings.add_paper(
            item, make_received(title=title, words=words), title=title, by=clerk, now=NOW, **values
        )

    return put


def overlapping(meeting, supplement=0):
    found = packs.findings_for(packs.plan_of(meeting, supplement), now=NOW)
    return [
        (finding.message.partition(",")[0], finding.place.address) for finding in found if finding.code == "pages_twice"
    ]


def publish(meeting, supplement, clerk):
    for found in AgendaDocument.objects.filter(item__meeting=meeting, exempt_paragraph__isnull=False):
        # All sample papers have the same table.
        packs.clear_words(meeting, text=" ".join(found.page_texts), reason="It is a sample.", by=clerk, now=NOW)
    return packs.publish_packs(meeting, supplement, by=clerk, now=NOW)


def test_finds_pages_overlapping_supplement(meeting, put, clerk):
    paper = put("Buses", "The buses ran.")
    publish(meeting, 0, clerk)
    put("Late business", "The river rose.")
    assert publish(meeting, 1, clerk).first_page == 5
    assert overlapping(meeting) == []
    longer = meetings.replace_paper(paper, make_received(2, title="Buses"), by=clerk, now=NOW)
    packs.build_packs(meeting, 0, by=clerk, now=NOW)
    assert overlapping(meeting) == []  # pages 3 and 4, as before
    meetings.replace_paper(longer, make_received(3, title="Buses"), by=clerk, now=NOW)
    packs.build_packs(meeting, 0, by=clerk, now=NOW)
    there = reverse("clerk:pack", args=[meeting.pk, 1])
    assert overlapping(meeting) == [("Supplement 1 is published with pages from 5 on", there)]
    assert overlapping(meeting, 1) == []
    publish(meeting, 0, clerk)
    assert publish(meeting, 1, clerk).first_page == 7
    assert overlapping(meeting) == []


def test_counts_part_two_separately(meeting, put, clerk):
    paper = put("Contract", "Quorvane offers 1,234,567 pounds.", exempt_paragraph=3)
    publish(meeting, 0, clerk)
    put("Another contract", "Brightmoor offers 7,654,321 pounds.", exempt_paragraph=3)
    publish(meeting, 1, clerk)
    assert overlapping(meeting) == []
    meetings.replace_paper(paper, make_received(3, title="Contract", words="Quorvane."), by=clerk, now=NOW)
    packs.build_packs(meeting, 0, by=clerk, now=NOW)
    there = reverse("clerk:pack", args=[meeting.pk, 1])
    assert overlapping(meeting) == [("Supplement 1 is published with pages from E3 on", there)]

"""The pages about a pack ask a fixed number of times, at most twelve."""

import pytest

from inquiries.actions import meetings, packs
from inquiries.choices import ItemKind, Stage
from tests.cast import NOW
from tests.factories import make_agenda, make_inquiry, make_report
from tests.views.clerk_packs.asking import at

QUERIES = {"pack": 12, "check_pack": 11, "publish_pack": 11, "front_sheet": 5}


@pytest.fixture
def put_report(agenda, clerk, officer, cabinet_member):
    """A function that puts a signed-off report about an inquiry of its own on the agenda."""

    def put(title, **values):
        inquiry = make_inquiry(agenda.committee, clerk, officer=officer, cabinet_member=cabinet_member, title=title)
        report = make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=agenda)
        meetings.add_item(agenda, title=title, kind=ItemKind.REPORT, report=report, by=clerk, now=NOW, **values)

    return put


@pytest.mark.parametrize("name", QUERIES)
def test_pages_ask_as_often_for_one_item_as_for_three(
    client, agenda, clerk, put_report, name, django_assert_num_queries
):
    put_report("Warm homes")
    packs.build_packs(agenda, 0, by=clerk, now=NOW)
    with django_assert_num_queries(QUERIES[name]):
        assert client.get(at(name, agenda)).status_code == 200
    for words in ("Basalt Boilers", "Granite Grates"):
        make_agenda(agenda, clerk, exempt_words=words)
        put_report(f"Against {words}")
    packs.build_packs(agenda, 0, by=clerk, now=NOW)
    with django_assert_num_queries(QUERIES[name]):
        assert client.get(at(name, agenda)).status_code == 200


@pytest.mark.parametrize("name", QUERIES)
def test_a_supplement_after_published_reports_costs_no_more(
    client, agenda, clerk, put_report, name, monkeypatch, django_assert_num_queries
):
    # The sample papers all hold the same words.
    monkeypatch.setattr(packs.publishing, "check_pack", lambda *args: None)
    put_report("Warm homes")
    packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    make_agenda(agenda, clerk, exempt_words="Basalt Boilers")
    put_report("Cool homes", supplement=1)
    packs.build_packs(agenda, 1, by=clerk, now=NOW)
    for supplement in (0, 1):
        with django_assert_num_queries(QUERIES[name]):
            assert client.get(at(name, agenda, supplement=supplement)).status_code == 200

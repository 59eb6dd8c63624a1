"""Publishing an issue, now or at a set time."""

from datetime import UTC, datetime, timedelta

import pytest

from inquiries.actions import meetings, packs
from inquiries.choices import ItemKind, Stage
from inquiries.documents.pack.withheld import Found
from inquiries.models import AgendaPack, Clearance, Notice, PackPlan
from inquiries.preflight import Finding
from tests.cast import NOW
from tests.factories import make_report
from tests.views.clerk_packs.asking import THEN, at, errors, said, words

# The meeting is on 15 December: the last day to publish is 7 December.
LATE = datetime(2026, 12, 8, 9, 30, tzinfo=UTC)


def test_publish_says_what_happens_and_publishes(client, agenda, clerk, member, inquiry, cabinet_member, found):
    report = make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=agenda)
    meetings.add_item(agenda, title="Warm homes", kind=ItemKind.REPORT, report=report, by=clerk, now=NOW)
    page = words(client.get(at("publish_pack", agenda)))
    assert "the interim report (6 months on) about “Warm Homes Inquiry” is published with it" in page
    assert "1 member of the Communities Select Committee is told by e-mail" in page
    assert "can also read the restricted edition" in page
    assert "it is built first, because it has not been built yet" in page
    assert "The check before publishing finds nothing." in page
    assert "the last day to publish is 7 December 2026." in page
    answer = client.post(at("publish_pack", agenda), {"when": "now"}, follow=True)
    assert answer.redirect_chain == [(at("pack", agenda), 302)]
    assert said(answer) == ["Agenda pack is published, and the members of the Communities Select Committee are told."]
    assert [state.tag[0] for state in answer.context["issue"].states] == ["Published", "Published"]
    report.refresh_from_db()
    assert report.stage == Stage.PUBLISHED
    assert [notice.recipient for notice in Notice.objects.filter(occasion="agenda_published")] == [member]


def test_publish_has_nothing_to_do_where_nothing_has_changed(client, agenda, clerk, found):
    packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    page = words(client.get(at("publish_pack", agenda)))
    assert "This is published already, and nothing has changed since." in page
    assert 'name="when"' not in page
    answer = client.post(at("publish_pack", agenda), {"when": "now"})
    assert errors(answer) == ["This is published already, and nothing has changed since."]


def test_a_second_edition_says_what_it_changes(client, agenda, clerk, found):
    packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    meetings.change_item(agenda.items.get(number=2), title="Buses", by=clerk, now=NOW)
    page = words(client.get(at("publish_pack", agenda)))
    assert "(edition 2; earlier ones stay listed)" in page
    assert "it is built first, because something has changed since it was built" in page
    assert "<li>The title of item 2 was changed: Buses.</li>" in page
    answer = client.post(at("publish_pack", agenda), {"when": "now"}, follow=True)
    kept = [pack.name for pack in answer.context["issue"].kept]
    assert kept == [
        "Agenda pack, public, edition 2",
        "Agenda pack, restricted, edition 2",
        "Agenda pack, public",
        "Agenda pack, restricted",
    ]


def test_what_stops_publication_stops_it(client, agenda, found):
    found(Finding("unsigned", "The report is not signed off.", "Item 7", "/clerk/b/", stops=True))
    assert "What stops publication (1)" in words(client.get(at("publish_pack", agenda)))
    answer = client.post(at("publish_pack", agenda), {"when": "now"})
    assert errors(answer) == ["Item 7: The report is not signed off."]
    assert not AgendaPack.objects.published().exists()


def test_a_late_publication_asks_for_the_reason_that_the_law_requires(client, agenda, clerk, found, clock):
    clock(LATE)
    client.force_login(clerk)  # two weeks on, the session is over
    page = words(client.get(at("publish_pack", agenda)))
    assert "The last day to publish was 7 December 2026." in page
    assert "Local Government Act 1972, section 100B(4)" in page
    answer = client.post(at("publish_pack", agenda), {"when": "now", "urgency_reason": "  "})
    assert errors(answer) == ["Say why it cannot wait: the last day to publish is 7 December 2026"]
    assert not AgendaPack.objects.exists()
    client.post(at("publish_pack", agenda), {"when": "now", "urgency_reason": "The grant ends this month."})
    assert PackPlan.objects.get().urgency_reason == "The grant ends this month."
    assert AgendaPack.objects.public().get().content["urgency_reason"] == "The grant ends this month."


def planned(day=2, month=12, year=2026, time="9:30", **more):
    return {"when": "later", "on_day": day, "on_month": month, "on_year": year, "at": time, **more}


@pytest.mark.parametrize(
    ("answers", "messages"),
    [
        ({}, ["Choose when it should be published"]),
        ({"when": "tomorrow"}, ["Select a valid choice. tomorrow is not one of the available choices."]),
        (
            {"when": "later"},
            [
                "Enter the day on which it is to be published",
                "Enter the time at which it is to be published",
            ],
        ),
        (planned(day=32), ["There is no such day in that month"]),
        (planned(time="half past nine"), ["Enter a time like 14:00 or 2pm"]),
        (planned(time="9:30\0"), ["Null characters are not allowed."]),
        (planned(day=23, month=11), ["This time has passed. Choose one that is still to come, or publish now"]),
        (planned(day=16), ["It must be published before the meeting on 15 December 2026"]),
        (planned(day=8), ["Say why it cannot wait: the last day to publish is 7 December 2026"]),
        ({"when": "now", "urgency_reason": "a\0b"}, ["Null characters are not allowed."]),
    ],
)
def test_publish_says_what_is_wrong_with_an_answer(client, agenda, found, answers, messages):
    answer = client.post(at("publish_pack", agenda), answers)
    assert errors(answer) == messages
    assert not AgendaPack.objects.exists()


@pytest.mark.parametrize("time", ["9:30", "09.30", "9:30am", "9.30 am"])
def test_a_planned_publication_is_shown_and_taken_back(client, agenda, clerk, found, time):
    answer = client.post(at("publish_pack", agenda), planned(time=time), follow=True)
    assert said(answer) == ["It will be published on 2 December 2026 at 09:30, unless something is changed before."]
    plan = PackPlan.objects.get()
    assert (plan.publish_on, plan.planned_by) == (datetime(2026, 12, 2, 9, 30, tzinfo=UTC), clerk)
    assert "<strong>2 December 2026 at 09:30</strong>, as Carys Whitlock planned on 23 November 2026" in words(answer)
    assert not AgendaPack.objects.published().exists()
    assert "What you choose here replaces that." in words(client.get(at("publish_pack", agenda)))
    assert "It was to be published on 2 December 2026 at 09:30" in words(client.get(at("unplan_pack", agenda)))
    answer = client.post(at("unplan_pack", agenda), follow=True)
    assert said(answer) == ["The planned publication is taken back. Nothing is published by itself."]
    assert PackPlan.objects.get().publish_on is None
    assert client.get(at("unplan_pack", agenda)).status_code == 403


def test_a_planned_publication_that_did_not_happen_says_why(client, agenda, clerk, found):
    packs.plan_publication(agenda, 0, publish_on=THEN + timedelta(days=1), by=clerk, now=NOW)
    meetings.add_item(agenda, title="Work programme", by=clerk, now=NOW)
    packs.publish_planned(THEN + timedelta(days=2))
    page = words(client.get(at("pack", agenda)))
    assert "The planned publication did not happen. Something on the agenda has just been changed" in page


@pytest.fixture
def withheld(monkeypatch):
    """Publication finds words of the exempt paper in the public pack."""

    def refuse(*args):
        raise packs.Withheld([Found("Quartz Heating & Co", "page 3 of the pack", "the paper “Tender report”")])

    monkeypatch.setattr(packs.publishing, "check_pack", refuse)


def test_withheld_words_are_listed_and_can_be_cleared(client, agenda, clerk, found, withheld):
    answer = client.post(at("publish_pack", agenda), {"when": "now", "urgency_reason": "Kept."})
    assert len(errors(answer)) == 1
    assert "Nothing has been published" in errors(answer)[0] and "“Quartz Heating & Co”" in errors(answer)[0]
    page = words(answer)
    assert "Found in page 3 of the pack. Withheld: the paper “Tender report”." in page
    link = f"{at('clear_words', agenda)}?text=Quartz+Heating+%26+Co"
    assert f'href="{link}"' in page
    assert not AgendaPack.objects.published().exists()
    assert "Kept.</textarea>" in page
    form = client.get(link).context["form"]
    assert form["text"].value() == "Quartz Heating & Co"
    answer = client.post(link, {"text": "Quartz Heating & Co", "reason": ""})
    assert errors(answer) == ["Say why these words may be published"]
    assert "Quartz Heating &amp; Co</textarea>" in words(answer)
    answer = client.post(link, {"text": "Quartz Heating & Co", "reason": "On the firm's own site."}, follow=True)
    assert answer.redirect_chain == [(at("publish_pack", agenda), 302)]
    cleared = Clearance.objects.get()
    assert (cleared.meeting, cleared.text, cleared.cleared_by) == (agenda, "Quartz Heating & Co", clerk)


@pytest.mark.parametrize("query", ["text=a%00b", "text=" + "a" * 2001, "text=%FF"])
def test_words_to_clear_that_make_no_sense_are_left_out(client, agenda, query):
    answer = client.get(f"{at('clear_words', agenda)}?{query}")
    assert answer.status_code == 200
    assert (answer.context["form"]["text"].value() or "").replace("�", "") == ""

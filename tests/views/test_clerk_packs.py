"""How the tests ask the clerk's pages of a pack, and what they read in the answers."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pikepdf
import pytest
from django.urls import reverse

from inquiries.actions import meetings, packs
from inquiries.choices import ItemKind, Stage
from inquiries.documents.exempt_search import ExemptFound
from inquiries.documents.typst_runner import PdfFailed
from inquiries.models import AgendaPack, Clearance, Notification, PackPlan
from inquiries.models.packs import this_connection
from inquiries.preflight.checks import Finding
from inquiries.preflight.subject import Place
from tests.cast import NOW, person
from tests.factories import make_agenda, make_inquiry, make_meeting, make_report
from tests.pack_building import build_quickly

THEN = NOW + timedelta(hours=1)


def clerk_url(name, meeting, *more, supplement=0):
    return reverse(f"clerk:{name}", args=[meeting.pk, supplement, *more])


def page_text(response):
    return " ".join(response.content.decode().split())


def error_messages(response):
    return [message for message, _ in response.context["form"].error_summary()]


def messages_of(response):
    return [str(message) for message in response.context["messages"]]


def build(meeting, clerk, now=NOW):
    return packs.build_packs(meeting, 0, by=clerk, now=now)


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A function that sets the time. The clerk opens the pages on the morning of the story."""

    def show(moment):
        monkeypatch.setattr("django.utils.timezone.now", lambda: moment)

    show(THEN)
    return show


@pytest.fixture(autouse=True)
def builds(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    return build_quickly(monkeypatch)


@pytest.fixture
def meeting(committee):
    return make_meeting(committee)


@pytest.fixture
def agenda(meeting, clerk, client):
    """Apologies, a public paper and an exempt one; the clerk is signed in."""
    client.force_login(clerk)
    return make_agenda(meeting, clerk, exempt_words="Quartz Heating Ltd offers 418,250 pounds")


@pytest.fixture
def found(monkeypatch):
    """A function that says what the pre-flight finds."""

    def find(*findings):
        monkeypatch.setattr(packs, "findings_for", lambda *args, **kwargs: list(findings))
        monkeypatch.setattr(packs, "findings_for", lambda *args, **kwargs: list(findings))

    # The search for withheld words has tests of its own; the sample papers all hold the same words.
    monkeypatch.setattr(packs, "search", lambda *texts, **about: [])
    find()
    return find


def test_check_lists_blocking_findings_first(client, agenda, found):
    found(
        Finding("run_together", "Two words run together.", Place("Item 2, page 3", "/clerk/a/"), "themthis"),
        Finding("unsigned", "The report is not signed off.", Place("Item 7", "/clerk/b/"), stops=True),
    )
    page = page_text(client.get(clerk_url("check_pack", agenda)))
    assert page.index("What stops publication (1)") < page.index("The report is not signed off.")
    assert page.index("The report is not signed off.") < page.index("Worth a look (1)")
    assert '<blockquote class="scrutiny-findings__quoted">themthis</blockquote>' in page
    assert 'href="/clerk/a/"' in page and 'href="/clerk/b/"' in page


RUN_TOGETHER = Finding("run_together", "Two words run together.", Place("Item 2", "/clerk/a/", "paper 3"), "themthis")


def test_what_is_as_it_should_be_is_ticked_off_until_it_changes(client, agenda, clerk, found):
    unsigned = Finding("unsigned", "The report is not signed off.", Place("Item 7", "/clerk/b/"), stops=True)
    found(RUN_TOGETHER, unsigned)
    where = clerk_url("check_pack", agenda)
    answer = client.post(where, {"findings": [RUN_TOGETHER.key]})
    assert answer.context["form"].errors == {"reason": ["Say why it is as it should be"]}
    assert f'value="{RUN_TOGETHER.key}" id="id_findings_0" checked' in page_text(answer)
    # What stops publication has no box.
    answer = client.post(where, {"findings": [unsigned.key], "reason": "It is signed on paper."})
    assert answer.context["form"].errors == {"findings": ["Something has changed since. Look at it again."]}
    answer = client.post(where, {"findings": [RUN_TOGETHER.key], "reason": "It is a name."}, follow=True)
    page = page_text(answer)
    assert "Worth a look" not in page and "Ticked off (1)" in page and "What stops publication (1)" in page
    assert "It is a name. (Carys Whitlock, " in page
    assert answer.context["others"] == [] and agenda.ticked_findings.get().ticked_by == clerk
    assert client.get(clerk_url("publish_pack", agenda)).context["worth_a_look"] == 0
    # The paper has another text: it is another finding.
    found(replace(RUN_TOGETHER, about="another text"))
    answer = client.get(where)
    assert len(answer.context["others"]) == 1 and answer.context["ticked"] == []
    assert client.get(clerk_url("publish_pack", agenda)).context["worth_a_look"] == 1
    found(RUN_TOGETHER)
    answer = client.post(where, {"untick": RUN_TOGETHER.key}, follow=True)
    assert messages_of(answer) == ["The finding is shown again."]
    assert answer.context["others"] == [RUN_TOGETHER] and not agenda.ticked_findings.exists()


def test_check_without_findings(client, agenda, found):
    assert "Nothing was found." in page_text(client.get(clerk_url("check_pack", agenda)))


def test_page_of_unbuilt_pack(client, agenda, builds):
    response = client.get(clerk_url("pack", agenda))
    assert [(state.name, state.status.text) for state in response.context["issue"].states] == [
        ("Public", "Not built"),
        ("Restricted", "Not built"),
    ]
    assert response.context["pages"] == [] and builds == []
    assert "hidden" in page_text(response).split('class="scrutiny-progress"')[1][:80]


def test_build_shows_page_ranges(client, agenda, clerk, builds):
    response = client.post(clerk_url("build_pack", agenda), follow=True)
    assert response.redirect_chain == [(clerk_url("pack", agenda), 302)]
    assert messages_of(response) == [
        "The pack is built: public and restricted editions. Look at it before you publish it."
    ]
    assert [(state.name, state.status.text) for state in response.context["issue"].states] == [
        ("Public", "Built"),
        ("Restricted", "Built"),
    ]
    assert [(line.item.title, line.public, line.exempt) for line in response.context["pages"]] == [
        ("Bus services", "3 - 4", ""),
        ("A contract", "", "E1 - E2"),
    ]
    page = page_text(response)
    assert "1 - 4, and Part 2 up to page E2" in page
    assert "23 November 2026 at 10:30 by Carys Whitlock" in page
    for pack in AgendaPack.objects.all():
        assert f'href="{pack.get_absolute_url()}"' in page
    assert len(builds) == 1


def test_build_reports_no_change(client, agenda, clerk, builds):
    build(agenda, clerk)
    response = client.post(clerk_url("build_pack", agenda), follow=True)
    assert messages_of(response) == ["Nothing has changed since the pack was built, so it stays as it is."]
    assert len(builds) == 1


def test_build_answers_scripts_in_json(client, agenda, monkeypatch):
    response = client.post(clerk_url("build_pack", agenda), headers={"accept": "application/json"})
    assert (response.status_code, response.json()) == (200, {"address": clerk_url("pack", agenda)})
    PackPlan.objects.update(claimed_by=this_connection(), started_at=THEN, started_by=person("Owain Pugh"))
    response = client.post(clerk_url("build_pack", agenda), headers={"accept": "application/json"})
    problem = "Owain Pugh is building this pack at this moment. Wait until it is ready."
    assert (response.status_code, response.json()) == (200, {"problem": problem})


def test_page_shows_build_in_progress(client, agenda, builds):
    PackPlan.objects.create(
        meeting=agenda,
        claimed_by=this_connection(),
        started_at=THEN - timedelta(minutes=1),
        started_by=person("Owain Pugh"),
        step="Binding the papers",
        done=3,
        total=12,
    )
    page = page_text(client.get(clerk_url("pack", agenda)))
    assert "Owain Pugh started it on 23 November 2026 at 10:29." in page
    assert "Binding the papers" in page and "(3 of 12)" in page
    assert f'data-pack-progress="{clerk_url("pack_progress", agenda)}"' in page
    response = client.post(clerk_url("build_pack", agenda))
    assert response.context["error_list"] == [
        ("Owain Pugh is building this pack at this moment. Wait until it is ready.", "")
    ]
    assert builds == []
    assert client.get(clerk_url("pack_progress", agenda)).json() == {
        "building": True,
        "step": "Binding the papers",
        "done": 3,
        "total": 12,
        "by": "Owain Pugh",
        "failure": "",
    }


def test_failed_build_shows_reason(client, agenda, monkeypatch):
    def fails(*args):
        raise PdfFailed("The paper “Bus services” cannot be read.")

    monkeypatch.setattr("inquiries.actions.packs.build", fails)
    response = client.post(clerk_url("build_pack", agenda))
    assert response.context["error_list"] == [("The paper “Bus services” cannot be read.", "")]
    assert "When it was last tried" not in page_text(response)
    progress = client.get(clerk_url("pack_progress", agenda))
    assert (progress.json()["building"], progress.json()["failure"]) == (
        False,
        "The paper “Bus services” cannot be read.",
    )
    assert "no-store" in progress["Cache-Control"]
    assert "When it was last tried: The paper “Bus services” cannot be read." in page_text(
        client.get(clerk_url("pack", agenda))
    )


def test_progress_of_unbuilt_pack(client, agenda):
    response = client.get(clerk_url("pack_progress", agenda)).json()
    assert response == {"building": False, "step": "", "done": 0, "total": 0, "by": "", "failure": ""}
    assert not PackPlan.objects.exists()


def test_changed_agenda_makes_pack_out_of_date(client, agenda, clerk):
    build(agenda, clerk)
    meetings.add_item(agenda, title="Work programme", by=clerk, now=NOW)
    response = client.get(clerk_url("pack", agenda))
    assert [state.status.text for state in response.context["issue"].states] == ["Out of date", "Out of date"]
    assert "Item 4 was added: Work programme." in page_text(response)


def test_reworded_recommendation_makes_pack_out_of_date_on_every_page(client, agenda, clerk, inquiry):
    report = make_report(inquiry, clerk, meeting=agenda)
    meetings.add_item(agenda, title="Warm homes", kind=ItemKind.REPORT, report=report, by=clerk, now=NOW)
    build(agenda, clerk)
    recommendation = inquiry.recommendations.get(reference="1a")
    recommendation.text = "That every home is insulated by 2030."
    recommendation.save()
    states = client.get(clerk_url("pack", agenda)).context["issue"].states
    assert [state.status.text for state in states] == ["Out of date", "Out of date"]
    (issue,) = client.get(reverse("clerk:agenda", args=[agenda.pk])).context["issues"]
    assert (issue.public.text, issue.restricted.text) == ("Out of date", "Out of date")


def test_publishing_is_offered_only_when_needed(client, agenda, clerk, found):
    link = f'href="{clerk_url("publish_pack", agenda)}"'
    assert f"{link}>Publish</a>" in page_text(client.get(clerk_url("pack", agenda)))
    packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    page = page_text(client.get(clerk_url("pack", agenda)))
    assert "Everything is published, and nothing has changed since." in page and link not in page
    meetings.add_item(agenda, title="Work programme", supplement=0, by=clerk, now=NOW)
    page = page_text(client.get(clerk_url("pack", agenda)))
    assert f"{link}>Publish again</a>" in page and "Everything is published" not in page


def test_restricted_edition_is_no_longer_needed(client, agenda, clerk):
    build(agenda, clerk)
    meetings.remove_item(agenda.items.get(title="A contract"), by=clerk, now=NOW)
    public, restricted = client.get(clerk_url("pack", agenda)).context["issue"].states
    assert "Item 3 was removed: A contract." in public.reasons
    assert restricted.reasons == ("Nothing on this agenda is exempt any more, so no restricted edition is needed.",)
    client.post(clerk_url("build_pack", agenda))
    assert [state.name for state in client.get(clerk_url("pack", agenda)).context["issue"].states] == ["Public"]


def test_single_sided_choice_makes_pack_out_of_date(client, agenda, clerk):
    build(agenda, clerk)
    response = client.post(clerk_url("pack", agenda), {}, follow=True)
    assert messages_of(response) == ["The pack is built for printing on one side from now on."]
    assert not PackPlan.objects.get().duplex
    state = response.context["issue"].states[0]
    assert (state.status.text, len(state.reasons)) == ("Out of date", 1)
    response = client.post(clerk_url("pack", agenda), {"duplex": "on"}, follow=True)
    assert response.context["issue"].states[0].status.text == "Built"


@pytest.mark.parametrize("name", ["pack", "check_pack", "publish_pack"])
def test_unknown_supplement_is_not_found(client, agenda, name):
    for supplement in (1, 10**30):
        assert client.get(clerk_url(name, agenda, supplement=supplement)).status_code == 404
    assert client.get(reverse(f"clerk:{name}", args=[10**17, 0])).status_code == 404


def test_reading_pages_writes_nothing(client, agenda, builds):
    for name in ("pack", "check_pack", "publish_pack", "clear_words"):
        assert client.get(clerk_url(name, agenda)).status_code == 200
    assert client.get(clerk_url("build_pack", agenda)).url == clerk_url("pack", agenda)
    assert builds == [] and not PackPlan.objects.exists() and not AgendaPack.objects.exists()


PAGES = [
    *("pack", "build_pack", "pack_progress", "check_pack", "clear_words"),
    *("publish_pack", "unplan_pack", "front_sheet"),
]


@pytest.mark.parametrize("name", PAGES)
def test_pack_pages_require_a_clerk(client, agenda, officer, chair, name):
    for somebody in (officer, chair):
        client.force_login(somebody)
        assert client.get(clerk_url(name, agenda)).status_code == 404
    client.logout()
    assert client.get(clerk_url(name, agenda)).url == f"/accounts/login/?next={clerk_url(name, agenda)}"


def widths(response):
    """Which pages of the quick pack these are: page n is 100 + n wide."""
    with pikepdf.open(BytesIO(response.content)) as pdf:
        return [round(float(page.mediabox[2]) - 100) for page in pdf.pages]


def test_prints_front_sheet_and_items(client, agenda, clerk):
    build(agenda, clerk)
    bus, contract = agenda.items.get(title="Bus services"), agenda.items.get(title="A contract")
    response = client.get(clerk_url("front_sheet", agenda))
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/pdf", "private, no-store")
    assert response["Content-Disposition"] == 'inline; filename="front-sheet-agenda.pdf"'
    assert widths(response) == [0, 1]
    assert widths(client.get(f"{clerk_url('front_sheet', agenda)}?edition=restricted")) == [0, 1]
    response = client.get(clerk_url("reprint_item", agenda, bus.pk))
    assert response["Content-Disposition"] == 'inline; filename="item-2.pdf"'
    assert widths(response) == [2, 3]
    # Part 2 comes after the four pages of Part 1.
    assert widths(client.get(f"{clerk_url('reprint_item', agenda, contract.pk)}?edition=restricted")) == [4, 5]


def test_prints_supplement_with_own_numbers(client, agenda, clerk, found):
    packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    make_agenda(agenda, clerk, exempt_words="Basalt Boilers")
    assert client.post(clerk_url("build_pack", agenda, supplement=1)).status_code == 302
    page = client.get(clerk_url("pack", agenda, supplement=1))
    assert [(line.public, line.exempt) for line in page.context["pages"]] == [("7 - 8", ""), ("", "E3 - E4")]
    bus, contract = (line.item for line in page.context["pages"])
    assert widths(client.get(clerk_url("front_sheet", agenda, supplement=1))) == [0, 1]
    assert widths(client.get(clerk_url("reprint_item", agenda, bus.pk, supplement=1))) == [2, 3]
    restricted = f"{clerk_url('reprint_item', agenda, contract.pk, supplement=1)}?edition=restricted"
    assert widths(client.get(restricted)) == [4, 5]


def test_printing_requires_a_built_pack(client, agenda, clerk):
    item = agenda.items.get(title="Bus services")
    for where in (clerk_url("front_sheet", agenda), clerk_url("reprint_item", agenda, item.pk)):
        response = client.get(where)
        assert response.status_code == 404
        assert "has not been built yet" in page_text(response)
    build(agenda, clerk)
    for where in (
        clerk_url("reprint_item", agenda, item.pk) + "?edition=restricted",
        clerk_url("reprint_item", agenda, 10**17),
    ):
        response = client.get(where)
        assert response.status_code == 404
        assert "This item has no pages in the pack that was built last." in page_text(response)


@pytest.mark.parametrize("query", ["edition=secret", "edition=public%00"])
def test_unknown_edition_is_not_found(client, agenda, clerk, query):
    build(agenda, clerk)
    assert client.get(f"{clerk_url('front_sheet', agenda)}?{query}").status_code == 404


def test_missing_file_is_reported(client, agenda, clerk):
    pack = build(agenda, clerk)["public"]
    pack.file.storage.delete(pack.file.name)
    response = client.get(clerk_url("front_sheet", agenda))
    assert response.status_code == 503
    assert "The file of the pack is not where it was stored." in page_text(response)


# The meeting is on 15 December: the last day to publish is 7 December.
LATE = datetime(2026, 12, 8, 9, 30, tzinfo=UTC)


def test_publish_explains_and_publishes(client, agenda, clerk, member, inquiry, cabinet_member, found):
    report = make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=agenda)
    meetings.add_item(agenda, title="Warm homes", kind=ItemKind.REPORT, report=report, by=clerk, now=NOW)
    page = page_text(client.get(clerk_url("publish_pack", agenda)))
    assert "the interim report (6 months on) about “Warm Homes Inquiry” is published with it" in page
    assert "1 member of the Communities Select Committee is notified by e-mail" in page
    assert "can also read the restricted edition" in page
    assert "it is built first, because it has not been built yet" in page
    assert "The check before publishing finds nothing." in page
    assert "the last day to publish is 7 December 2026." in page
    response = client.post(clerk_url("publish_pack", agenda), {"when": "now"}, follow=True)
    assert response.redirect_chain == [(clerk_url("pack", agenda), 302)]
    assert messages_of(response) == [
        "Agenda pack is published, and the members of the Communities Select Committee are notified."
    ]
    assert [state.status.text for state in response.context["issue"].states] == ["Published", "Published"]
    report.refresh_from_db()
    assert report.stage == Stage.PUBLISHED
    assert [n.recipient for n in Notification.objects.filter(occasion="agenda_published")] == [member]


def test_publish_is_not_offered_without_change(client, agenda, clerk, found):
    packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    page = page_text(client.get(clerk_url("publish_pack", agenda)))
    assert "This is published already, and nothing has changed since." in page
    assert 'name="when"' not in page
    response = client.post(clerk_url("publish_pack", agenda), {"when": "now"})
    assert error_messages(response) == ["This is published already, and nothing has changed since."]


def test_second_edition_lists_changes(client, agenda, clerk, found):
    packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    meetings.change_item(agenda.items.get(number=2), title="Buses", by=clerk, now=NOW)
    page = page_text(client.get(clerk_url("publish_pack", agenda)))
    assert "(edition 2; earlier ones stay listed)" in page
    assert "it is built first, because something has changed since it was built" in page
    assert "<li>The title of item 2 was changed: Buses.</li>" in page
    response = client.post(clerk_url("publish_pack", agenda), {"when": "now"}, follow=True)
    kept = [pack.name for pack in response.context["issue"].kept]
    assert kept == [
        "Agenda pack, public, edition 2",
        "Agenda pack, restricted, edition 2",
        "Agenda pack, public",
        "Agenda pack, restricted",
    ]


def test_blocking_findings_stop_publication(client, agenda, found):
    found(Finding("unsigned", "The report is not signed off.", Place("Item 7", "/clerk/b/"), stops=True))
    assert "What stops publication (1)" in page_text(client.get(clerk_url("publish_pack", agenda)))
    response = client.post(clerk_url("publish_pack", agenda), {"when": "now"})
    assert error_messages(response) == ["Item 7: The report is not signed off."]
    assert not AgendaPack.objects.published().exists()


def test_late_publication_requires_reason(client, agenda, clerk, found, clock):
    clock(LATE)
    client.force_login(clerk)  # two weeks on, the session is over
    page = page_text(client.get(clerk_url("publish_pack", agenda)))
    assert "The last day to publish was 7 December 2026." in page
    assert "Local Government Act 1972, section 100B(4)" in page
    response = client.post(clerk_url("publish_pack", agenda), {"when": "now", "urgency_reason": "  "})
    assert error_messages(response) == ["Say why it cannot wait: the last day to publish is 7 December 2026"]
    assert not AgendaPack.objects.exists()
    client.post(clerk_url("publish_pack", agenda), {"when": "now", "urgency_reason": "The grant ends this month."})
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
def test_publish_shows_errors(client, agenda, found, answers, messages):
    response = client.post(clerk_url("publish_pack", agenda), answers)
    assert error_messages(response) == messages
    assert not AgendaPack.objects.exists()


@pytest.mark.parametrize("time", ["9:30", "09.30", "9:30am", "9.30 am"])
def test_planned_publication_can_be_cancelled(client, agenda, clerk, found, time):
    response = client.post(clerk_url("publish_pack", agenda), planned(time=time), follow=True)
    assert messages_of(response) == [
        "It will be published on 2 December 2026 at 09:30, unless something is changed before."
    ]
    plan = PackPlan.objects.get()
    assert (plan.publish_on, plan.planned_by) == (datetime(2026, 12, 2, 9, 30, tzinfo=UTC), clerk)
    assert "<strong>2 December 2026 at 09:30</strong>, as Carys Whitlock planned on 23 November 2026" in page_text(
        response
    )
    assert not AgendaPack.objects.published().exists()
    assert "What you choose here replaces that." in page_text(client.get(clerk_url("publish_pack", agenda)))
    assert "It was to be published on 2 December 2026 at 09:30" in page_text(
        client.get(clerk_url("unplan_pack", agenda))
    )
    response = client.post(clerk_url("unplan_pack", agenda), follow=True)
    assert messages_of(response) == ["The planned publication is withdrawn. Nothing is published by itself."]
    assert PackPlan.objects.get().publish_on is None
    assert client.get(clerk_url("unplan_pack", agenda)).status_code == 403


def test_planned_publication_that_is_overdue_says_so(client, agenda, clerk, found, clock):
    packs.plan_publication(agenda, 0, publish_on=THEN + timedelta(minutes=5), by=clerk, now=NOW)
    pages = [clerk_url("pack", agenda), clerk_url("publish_pack", agenda), reverse("clerk:agenda", args=[agenda.pk])]
    for minutes, expected in ((4, "It will be published on"), (6, "It should have been published on")):
        clock(THEN + timedelta(minutes=minutes))
        for page in pages:
            assert expected in page_text(client.get(page)), page


def test_failed_planned_publication_shows_reason(client, agenda, clerk, found):
    packs.plan_publication(agenda, 0, publish_on=THEN + timedelta(days=1), by=clerk, now=NOW)
    meetings.add_item(agenda, title="Work programme", by=clerk, now=NOW)
    packs.publish_planned(THEN + timedelta(days=2))
    page = page_text(client.get(clerk_url("pack", agenda)))
    assert "The planned publication did not happen. Something on the agenda has just been changed" in page


STOPPING = ExemptFound("Quartz Heating & Co", "page 3", "the paper “Tender report”", ("page 3", "page 4"))


@pytest.fixture
def withheld(monkeypatch):
    """The search finds text of the exempt paper in the public pack."""

    def search(*texts, **about):
        return [STOPPING] if not Clearance.objects.exists() else []

    monkeypatch.setattr(packs, "search", search)


def test_exempt_text_is_listed_and_cleared(client, agenda, clerk, found, withheld):
    response = client.post(clerk_url("publish_pack", agenda), {"when": "now", "urgency_reason": "Kept."})
    assert len(error_messages(response)) == 1
    assert (
        "Nothing has been published" in error_messages(response)[0]
        and "“Quartz Heating & Co”" in error_messages(response)[0]
    )
    page = page_text(response)
    assert "Found in page 3 and elsewhere (2 places). It is from the paper “Tender report”." in page
    link = f"{clerk_url('clear_words', agenda)}?text=Quartz%20Heating%20%26%20Co"
    assert f'href="{link}"' in page
    assert not AgendaPack.objects.published().exists()
    assert "Kept.</textarea>" in page
    form = client.get(link).context["form"]
    assert form["text"].value() == "Quartz Heating & Co"
    response = client.post(link, {"text": "Quartz Heating & Co", "reason": ""})
    assert error_messages(response) == ["Say why this text may be published"]
    assert "Quartz Heating &amp; Co</textarea>" in page_text(response)
    response = client.post(link, {"text": "Quartz Heating & Co", "reason": "On the firm's own site."}, follow=True)
    assert response.redirect_chain == [(clerk_url("publish_pack", agenda), 302)]
    cleared = Clearance.objects.get()
    assert (cleared.meeting, cleared.text, cleared.cleared_by) == (agenda, "Quartz Heating & Co", clerk)


@pytest.mark.parametrize("query", ["text=a%00b", "text=" + "a" * 2001, "text=%FF"])
def test_clearing_ignores_invalid_text(client, agenda, query):
    response = client.get(f"{clerk_url('clear_words', agenda)}?{query}")
    assert response.status_code == 200
    assert (response.context["form"]["text"].value() or "").replace("�", "") == ""


QUERIES = {"pack": 12, "check_pack": 12, "publish_pack": 12, "front_sheet": 5}


@pytest.fixture
def put_report(agenda, clerk, officer, cabinet_member):
    """A function that puts a signed-off report about an inquiry of its own on the agenda."""

    def put(title, **values):
        inquiry = make_inquiry(agenda.committee, clerk, officer=officer, cabinet_member=cabinet_member, title=title)
        report = make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=agenda)
        meetings.add_item(agenda, title=title, kind=ItemKind.REPORT, report=report, by=clerk, now=NOW, **values)

    return put


@pytest.mark.parametrize("name", QUERIES)
def test_pack_pages_query_count_is_constant(client, agenda, clerk, put_report, name, django_assert_num_queries):
    put_report("Warm homes")
    packs.build_packs(agenda, 0, by=clerk, now=NOW)
    with django_assert_num_queries(QUERIES[name]):
        assert client.get(clerk_url(name, agenda)).status_code == 200
    for words in ("Basalt Boilers", "Granite Grates"):
        make_agenda(agenda, clerk, exempt_words=words)
        put_report(f"Against {words}")
    packs.build_packs(agenda, 0, by=clerk, now=NOW)
    with django_assert_num_queries(QUERIES[name]):
        assert client.get(clerk_url(name, agenda)).status_code == 200


@pytest.mark.parametrize("name", QUERIES)
def test_supplement_query_count_is_constant(
    client, agenda, clerk, put_report, name, monkeypatch, django_assert_num_queries
):
    # The sample papers all hold the same words.
    monkeypatch.setattr(packs, "search", lambda *texts, **about: [])
    put_report("Warm homes")
    packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    make_agenda(agenda, clerk, exempt_words="Basalt Boilers")
    put_report("Cool homes", supplement=1)
    packs.build_packs(agenda, 1, by=clerk, now=NOW)
    # Of what is published the content is kept, and a supplement has no last day, for which holidays would be read.
    for supplement, spared in ((0, 2), (1, 1)):
        with django_assert_num_queries(QUERIES[name] - (spared if name == "pack" else 0)):
            assert client.get(clerk_url(name, agenda, supplement=supplement)).status_code == 200


def withdrawal_of(pack):
    return reverse("clerk:withdraw_pack", args=[pack.meeting_id, pack.pk])


def test_withdraws_published_pack(client, agenda, clerk, found):
    public = packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    where = withdrawal_of(public)
    assert f'href="{where}"' in page_text(client.get(clerk_url("pack", agenda)))
    page = page_text(client.get(where))
    assert "It was published on 23 November 2026 at 09:30 by Carys Whitlock." in page
    assert error_messages(client.post(where, {"reason": ""})) == ["Say why the pack is withdrawn"]
    response = client.post(where, {"reason": "The wrong paper stood in it."}, follow=True)
    assert messages_of(response) == ["Agenda pack, public is withdrawn."]
    public.refresh_from_db()
    assert (public.withdrawn_by, public.withdrawn_reason) == (clerk, "The wrong paper stood in it.")
    assert "Withdrawn on 23 November 2026 at 10:30 by Carys Whitlock: The wrong paper stood in it." in page_text(
        response
    )
    assert client.get(where).status_code == 403
    other = make_meeting(agenda.committee, day=datetime(2027, 1, 12).date())
    assert client.get(reverse("clerk:withdraw_pack", args=[other.pk, public.pk])).status_code == 404


def test_unpublished_pack_cannot_be_withdrawn(client, agenda, clerk):
    pack = build(agenda, clerk)["public"]
    where = withdrawal_of(pack)
    assert client.get(where).status_code == 403
    assert error_messages(client.post(where, {"reason": "Wrong."})) == ["This pack is not published."]


def test_withdraws_restricted_edition_too(client, agenda, clerk, found):
    public = packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    restricted = AgendaPack.objects.get(edition="restricted")
    field = client.get(withdrawal_of(public)).context["form"]["with_restricted"]
    assert field.initial is True
    assert "with_restricted" not in client.get(withdrawal_of(restricted)).context["form"].fields
    client.post(withdrawal_of(public), {"reason": "A name.", "with_restricted": "on"})
    restricted.refresh_from_db()
    assert (restricted.withdrawn_by, restricted.withdrawn_reason) == (clerk, "A name.")
    assert not AgendaPack.objects.published().exists()


def test_unticked_restricted_edition_stays(client, agenda, clerk, found):
    public = packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    client.post(withdrawal_of(public), {"reason": "A name."})
    assert [pack.edition for pack in AgendaPack.objects.published()] == ["restricted"]


def test_later_restricted_edition_stays(client, agenda, clerk, found):
    first = packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    meetings.change_item(agenda.items.get(number=2), title="Buses", by=clerk, now=NOW)
    packs.publish_packs(agenda, 0, by=clerk, now=THEN)
    client.post(withdrawal_of(first), {"reason": "A name.", "with_restricted": "on"})
    assert {pack.number for pack in AgendaPack.objects.published()} == {2}
    assert AgendaPack.objects.published().count() == 2


def test_withdrawing_names_published_reports(client, agenda, clerk, inquiry, found):
    report = make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=agenda)
    meetings.add_item(agenda, title="Warm homes", kind=ItemKind.REPORT, report=report, by=clerk, now=NOW)
    public = packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    page = page_text(client.get(withdrawal_of(public)))
    assert "The progress reports in it stay published" in page
    assert f'href="{reverse("clerk:manage", args=[inquiry.slug, 6])}"' in page

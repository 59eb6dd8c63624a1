"""The clerk's pages about agenda packs. What stands in a pack is the business of tests/documents/pack."""

from datetime import UTC, datetime, timedelta
from io import BytesIO

import pikepdf
import pytest
from django.urls import reverse

from inquiries.actions import meetings, packs
from inquiries.actions.packs.building import LEASE
from inquiries.choices import ItemKind, Stage
from inquiries.documents.pack.withheld import Found
from inquiries.documents.pdf import PdfFailed
from inquiries.models import AgendaPack, Clearance, Notice, PackPlan
from inquiries.preflight import Finding
from tests.cast import NOW, person
from tests.factories import make_agenda, make_meeting, make_report
from tests.pack_building import build_quickly

THEN = NOW + timedelta(hours=1)
# The meeting is on 15 December: the last day to publish is 7 December.
LATE = datetime(2026, 12, 8, 9, 30, tzinfo=UTC)


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
        monkeypatch.setattr(packs.publishing, "findings_for", lambda *args, **kwargs: list(findings))

    # The search for withheld words has tests of its own; the sample papers all hold the same words.
    monkeypatch.setattr(packs.publishing, "check_pack", lambda *args: None)
    find()
    return find


def at(name, meeting, *more, supplement=0):
    return reverse(f"clerk:{name}", args=[meeting.pk, supplement, *more])


def words(answer):
    return " ".join(answer.content.decode().split())


def errors(answer):
    return [message for message, _ in answer.context["form"].error_summary()]


def said(answer):
    return [str(message) for message in answer.context["messages"]]


def build(meeting, clerk, now=NOW):
    return packs.build_packs(meeting, 0, by=clerk, now=now)


# The page of an issue


def test_a_pack_that_was_never_built(client, agenda, builds):
    answer = client.get(at("pack", agenda))
    assert [(state.name, state.tag[0]) for state in answer.context["issue"].states] == [
        ("Public", "Not built"),
        ("Restricted", "Not built"),
    ]
    assert answer.context["pages"] == [] and builds == []
    assert "hidden" in words(answer).split('class="scrutiny-progress"')[1][:80]


def test_build_answers_when_it_is_done_and_shows_the_pages(client, agenda, clerk, builds):
    answer = client.post(at("build_pack", agenda), follow=True)
    assert answer.redirect_chain == [(at("pack", agenda), 302)]
    assert said(answer) == ["The pack is built: public and restricted editions. Look at it before you publish it."]
    assert [(state.name, state.tag[0]) for state in answer.context["issue"].states] == [
        ("Public", "Built"),
        ("Restricted", "Built"),
    ]
    assert [(line.item.title, line.public, line.exempt) for line in answer.context["pages"]] == [
        ("Bus services", "3 - 4", ""),
        ("A contract", "", "E1 - E2"),
    ]
    page = words(answer)
    assert "1 - 4, and Part 2 up to page E2" in page
    assert "23 November 2026 at 10:30 by Carys Whitlock" in page
    for pack in AgendaPack.objects.all():
        assert f'href="{pack.get_absolute_url()}"' in page
    assert len(builds) == 1


def test_build_says_when_nothing_has_changed(client, agenda, clerk, builds):
    build(agenda, clerk)
    answer = client.post(at("build_pack", agenda), follow=True)
    assert said(answer) == ["Nothing has changed since the pack was built, so it stays as it is."]
    assert len(builds) == 1


def test_a_script_is_told_where_to_go_or_what_the_problem_is(client, agenda, monkeypatch):
    answer = client.post(at("build_pack", agenda), headers={"accept": "application/json"})
    assert (answer.status_code, answer.json()) == (200, {"address": at("pack", agenda)})
    PackPlan.objects.update(claimed_until=THEN + LEASE, started_at=THEN, started_by=person("Owain Pugh"))
    answer = client.post(at("build_pack", agenda), headers={"accept": "application/json"})
    problem = "Owain Pugh is building this pack at this moment. Wait until it is ready."
    assert (answer.status_code, answer.json()) == (200, {"problem": problem})


def test_while_somebody_else_builds_the_page_says_who_and_how_far(client, agenda, builds):
    PackPlan.objects.create(
        meeting=agenda,
        claimed_until=THEN + timedelta(minutes=9),
        started_at=THEN - timedelta(minutes=1),
        started_by=person("Owain Pugh"),
        step="Binding the papers",
        done=3,
        total=12,
    )
    page = words(client.get(at("pack", agenda)))
    assert "Owain Pugh started it on 23 November 2026 at 10:29." in page
    assert "Binding the papers" in page and "(3 of 12)" in page
    assert f'data-pack-progress="{at("pack_progress", agenda)}"' in page
    answer = client.post(at("build_pack", agenda))
    assert answer.context["error_list"] == [
        ("Owain Pugh is building this pack at this moment. Wait until it is ready.", "")
    ]
    assert builds == []
    assert client.get(at("pack_progress", agenda)).json() == {
        "building": True,
        "step": "Binding the papers",
        "done": 3,
        "total": 12,
        "by": "Owain Pugh",
        "failure": "",
    }


def test_a_build_that_fails_says_why_there_and_afterwards(client, agenda, monkeypatch):
    def fails(*args):
        raise PdfFailed("The paper “Bus services” cannot be read.")

    monkeypatch.setattr("inquiries.actions.packs.building.build", fails)
    answer = client.post(at("build_pack", agenda))
    assert answer.context["error_list"] == [("The paper “Bus services” cannot be read.", "")]
    assert "When it was last tried" not in words(answer)
    progress = client.get(at("pack_progress", agenda))
    assert (progress.json()["building"], progress.json()["failure"]) == (
        False,
        "The paper “Bus services” cannot be read.",
    )
    assert "no-store" in progress["Cache-Control"]
    assert "When it was last tried: The paper “Bus services” cannot be read." in words(client.get(at("pack", agenda)))


def test_progress_of_a_pack_that_nobody_has_built(client, agenda):
    answer = client.get(at("pack_progress", agenda)).json()
    assert answer == {"building": False, "step": "", "done": 0, "total": 0, "by": "", "failure": ""}
    assert not PackPlan.objects.exists()


def test_a_change_of_the_agenda_makes_the_pack_out_of_date_and_says_why(client, agenda, clerk):
    build(agenda, clerk)
    meetings.add_item(agenda, title="Work programme", by=clerk, now=NOW)
    answer = client.get(at("pack", agenda))
    assert [state.tag[0] for state in answer.context["issue"].states] == ["Out of date", "Out of date"]
    assert "Item 4 was added: Work programme." in words(answer)


def test_when_nothing_is_exempt_any_more_the_restricted_edition_is_not_needed(client, agenda, clerk):
    build(agenda, clerk)
    meetings.remove_item(agenda.items.get(title="A contract"), by=clerk, now=NOW)
    public, restricted = client.get(at("pack", agenda)).context["issue"].states
    assert "Item 3 was taken off: A contract." in public.reasons
    assert restricted.reasons == ("Nothing on this agenda is exempt any more, so no restricted edition is needed.",)
    client.post(at("build_pack", agenda))
    assert [state.name for state in client.get(at("pack", agenda)).context["issue"].states] == ["Public"]


def test_single_sided_printing_is_kept_and_makes_the_pack_out_of_date(client, agenda, clerk):
    build(agenda, clerk)
    answer = client.post(at("pack", agenda), {}, follow=True)
    assert said(answer) == ["The pack is built for printing on one side from now on."]
    assert not PackPlan.objects.get().duplex
    state = answer.context["issue"].states[0]
    assert (state.tag[0], len(state.reasons)) == ("Out of date", 1)
    answer = client.post(at("pack", agenda), {"duplex": "on"}, follow=True)
    assert answer.context["issue"].states[0].tag[0] == "Built"


@pytest.mark.parametrize("name", ["pack", "check_pack", "publish_pack"])
def test_a_supplement_that_there_is_not_is_not_found(client, agenda, name):
    assert client.get(at(name, agenda, supplement=1)).status_code == 404
    assert client.get(reverse(f"clerk:{name}", args=[10**30, 0])).status_code == 404


def test_looking_builds_and_writes_nothing(client, agenda, builds):
    for name in ("pack", "check_pack", "publish_pack", "clear_words"):
        assert client.get(at(name, agenda)).status_code == 200
    assert client.get(at("build_pack", agenda)).url == at("pack", agenda)
    assert builds == [] and not PackPlan.objects.exists() and not AgendaPack.objects.exists()


PAGES = [
    *("pack", "build_pack", "pack_progress", "check_pack", "clear_words"),
    *("publish_pack", "unplan_pack", "front_sheet"),
]


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_are_for_clerks(client, agenda, officer, chair, name):
    for somebody in (officer, chair):
        client.force_login(somebody)
        assert client.get(at(name, agenda)).status_code == 404
    client.logout()
    assert client.get(at(name, agenda)).url == f"/accounts/login/?next={at(name, agenda)}"


# The check


def test_check_puts_first_what_stops_the_publication(client, agenda, found):
    found(
        Finding("run_together", "Two words run together.", "Item 2, page 3", "/clerk/a/", "themthis"),
        Finding("unsigned", "The report is not signed off.", "Item 7", "/clerk/b/", stops=True),
    )
    page = words(client.get(at("check_pack", agenda)))
    assert page.index("What stops publication (1)") < page.index("The report is not signed off.")
    assert page.index("The report is not signed off.") < page.index("Worth a look (1)")
    assert '<blockquote class="scrutiny-findings__quoted">themthis</blockquote>' in page
    assert 'href="/clerk/a/"' in page and 'href="/clerk/b/"' in page


def test_check_that_finds_nothing_says_so(client, agenda, found):
    assert "Nothing was found." in words(client.get(at("check_pack", agenda)))


# Publishing


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
        (planned(time="half past nine"), ["Enter the time like 9:30 or 2pm"]),
        (planned(time="9:30\0"), ["Enter the time like 9:30 or 2pm"]),
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


# Taking back


def test_a_published_pack_is_taken_back_with_a_reason(client, agenda, clerk, found):
    public = packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    where = reverse("clerk:withdraw_pack", args=[agenda.pk, public.pk])
    assert f'href="{where}"' in words(client.get(at("pack", agenda)))
    page = words(client.get(where))
    assert "It was published on 23 November 2026 at 09:30 by Carys Whitlock." in page
    assert errors(client.post(where, {"reason": ""})) == ["Say why the pack is taken back"]
    answer = client.post(where, {"reason": "The wrong paper stood in it."}, follow=True)
    assert said(answer) == ["Agenda pack, public is taken back."]
    public.refresh_from_db()
    assert (public.withdrawn_by, public.withdrawn_reason) == (clerk, "The wrong paper stood in it.")
    assert "Taken back on 23 November 2026 at 10:30 by Carys Whitlock: The wrong paper stood in it." in words(answer)
    assert client.get(where).status_code == 403
    other = make_meeting(agenda.committee, day=datetime(2027, 1, 12).date())
    assert client.get(reverse("clerk:withdraw_pack", args=[other.pk, public.pk])).status_code == 404


def test_a_pack_that_is_not_published_cannot_be_taken_back(client, agenda, clerk):
    pack = build(agenda, clerk)["public"]
    where = reverse("clerk:withdraw_pack", args=[agenda.pk, pack.pk])
    assert client.get(where).status_code == 403
    assert errors(client.post(where, {"reason": "Wrong."})) == ["This pack is not published."]


# Printing


def widths(answer):
    """Which pages of the quick pack these are: page n is 100 + n wide."""
    with pikepdf.open(BytesIO(answer.content)) as pdf:
        return [round(float(page.mediabox[2]) - 100) for page in pdf.pages]


def test_front_sheet_and_items_are_printed_by_themselves(client, agenda, clerk):
    build(agenda, clerk)
    bus, contract = agenda.items.get(title="Bus services"), agenda.items.get(title="A contract")
    answer = client.get(at("front_sheet", agenda))
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "private, no-store")
    assert answer["Content-Disposition"] == 'inline; filename="front-sheet-agenda.pdf"'
    assert widths(answer) == [0, 1]
    assert widths(client.get(f"{at('front_sheet', agenda)}?edition=restricted")) == [0, 1]
    answer = client.get(at("reprint_item", agenda, bus.pk))
    assert answer["Content-Disposition"] == 'inline; filename="item-2.pdf"'
    assert widths(answer) == [2, 3]
    # Part 2 comes after the four pages of Part 1.
    assert widths(client.get(f"{at('reprint_item', agenda, contract.pk)}?edition=restricted")) == [4, 5]


def test_a_supplement_is_printed_with_its_own_numbers(client, agenda, clerk, found):
    packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    make_agenda(agenda, clerk, exempt_words="Basalt Boilers")
    assert client.post(at("build_pack", agenda, supplement=1)).status_code == 302
    page = client.get(at("pack", agenda, supplement=1))
    assert [(line.public, line.exempt) for line in page.context["pages"]] == [("7 - 8", ""), ("", "E3 - E4")]
    bus, contract = (line.item for line in page.context["pages"])
    assert widths(client.get(at("front_sheet", agenda, supplement=1))) == [0, 1]
    assert widths(client.get(at("reprint_item", agenda, bus.pk, supplement=1))) == [2, 3]
    restricted = f"{at('reprint_item', agenda, contract.pk, supplement=1)}?edition=restricted"
    assert widths(client.get(restricted)) == [4, 5]


def test_there_is_nothing_to_print_before_the_pack_is_built(client, agenda, clerk):
    item = agenda.items.get(title="Bus services")
    for where in (at("front_sheet", agenda), at("reprint_item", agenda, item.pk)):
        answer = client.get(where)
        assert answer.status_code == 404
        assert "has not been built yet" in words(answer)
    build(agenda, clerk)
    for where in (at("reprint_item", agenda, item.pk) + "?edition=restricted", at("reprint_item", agenda, 10**30)):
        answer = client.get(where)
        assert answer.status_code == 404
        assert "This item has no pages in the pack that was built last." in words(answer)


@pytest.mark.parametrize("query", ["edition=secret", "edition=public%00"])
def test_there_is_no_other_edition(client, agenda, clerk, query):
    build(agenda, clerk)
    assert client.get(f"{at('front_sheet', agenda)}?{query}").status_code == 404


def test_a_missing_file_is_said(client, agenda, clerk):
    pack = build(agenda, clerk)["public"]
    pack.file.storage.delete(pack.file.name)
    answer = client.get(at("front_sheet", agenda))
    assert answer.status_code == 503
    assert "The file of the pack is not where it was kept." in words(answer)


# Queries


@pytest.mark.parametrize("name", ["pack", "check_pack", "publish_pack"])
def test_pages_ask_as_often_for_one_item_as_for_three(
    client, agenda, clerk, inquiry, name, django_assert_max_num_queries
):
    def queries():
        with django_assert_max_num_queries(100) as asked:
            assert client.get(at(name, agenda)).status_code == 200
        return len(asked)

    report = make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=agenda)
    meetings.add_item(agenda, title="Warm homes", kind=ItemKind.REPORT, report=report, by=clerk, now=NOW)
    packs.build_packs(agenda, 0, by=clerk, now=NOW)
    for_one = queries()
    make_agenda(agenda, clerk, exempt_words="Basalt Boilers")
    make_agenda(agenda, clerk, exempt_words="Granite Grates")
    packs.build_packs(agenda, 0, by=clerk, now=NOW)
    assert queries() == for_one

"""The page of one issue: how far it is, what stands on which page, the button that builds it."""

from datetime import timedelta

import pytest
from django.urls import reverse

from inquiries.actions import meetings, packs
from inquiries.actions.packs.building import LEASE
from inquiries.documents.pdf import PdfFailed
from inquiries.models import AgendaPack, PackPlan
from tests.cast import NOW, person
from tests.views.clerk_packs.asking import THEN, at, build, said, words


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


def test_the_page_offers_publishing_only_where_there_is_something_to_publish(client, agenda, clerk, found):
    link = f'href="{at("publish_pack", agenda)}"'
    assert f"{link}>Publish</a>" in words(client.get(at("pack", agenda)))
    packs.publish_packs(agenda, 0, by=clerk, now=NOW)
    page = words(client.get(at("pack", agenda)))
    assert "Everything is published, and nothing has changed since." in page and link not in page
    meetings.add_item(agenda, title="Work programme", supplement=0, by=clerk, now=NOW)
    page = words(client.get(at("pack", agenda)))
    assert f"{link}>Publish again</a>" in page and "Everything is published" not in page


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
    for supplement in (1, 10**30):
        assert client.get(at(name, agenda, supplement=supplement)).status_code == 404
    assert client.get(reverse(f"clerk:{name}", args=[10**17, 0])).status_code == 404


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

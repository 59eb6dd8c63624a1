"""A clerk ticks rows of the tracker, sees what would change, and changes it."""

import re
from datetime import date

import pytest

from inquiries.models import Draft, Recommendation, Response
from inquiries.views import clerk_tracker
from tests import factories
from tests.accounts.sign_in import sign_in_by_code

pytestmark = pytest.mark.django_db
ADDRESS = "/clerk/recommendations/change/"


@pytest.fixture
def at_work(client, clerk):
    client.force_login(clerk, "django.contrib.auth.backends.ModelBackend")
    return client


def rows(*references):
    return [str(r.pk) for r in Recommendation.objects.filter(reference__in=references)]


def test_ticked_rows_are_previewed_and_changed(inquiry, at_work, other_officer, cabinet_member):
    page = at_work.get("/tracker/?state=open&sort=number").content.decode()
    assert page.count('name="row"') == 5
    assert page.count('name="all"') == 2
    page = at_work.get(ADDRESS, {"row": rows("1a", "2", "3b"), "query": "state=open"}).content.decode()
    assert "Change 3 recommendations" in page
    assert f'<option value="{cabinet_member.pk}">Communities (Councillor Ruth Adeyemi)</option>' in page
    assert page.count('<input type="hidden" name="row"') == 3
    sent = {"lead_officer": "Tom Okafor", "action": "preview", "query": "state=open", "form_key": "one"}
    sent |= {"target_date_day": "31", "target_date_month": "3", "target_date_year": "2027", "reason": "A new team."}
    sent["row"] = rows("1a", "2", "3b")
    preview = at_work.post(ADDRESS, sent)
    shown = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", preview.content.decode()))
    assert "Lead officer: Siân Llŷr-Ôwain → Tom Okafor" in shown
    assert "Target date: none → 31 March 2027" in shown
    assert "1a , and with it 1b, which the same response answers" in shown.replace("1a,", "1a ,")
    assert "Stays as it is Cabinet has not accepted it." in shown
    assert "Change 2 responses" in shown
    assert not Response.objects.filter(target_date__isnull=False).exists()
    sent |= {"seen": preview.context["seen"], "action": "change", "form_key": "another"}
    done = at_work.post(ADDRESS, sent, follow=True)
    assert done.redirect_chain == [("/tracker/?state=open", 302)]
    assert "2 responses changed. 1 could not be changed." in done.content.decode()
    assert Response.objects.filter(target_date=date(2027, 3, 31), lead_officer=other_officer).count() == 2


def test_all_that_are_found(inquiry, at_work, monkeypatch):
    page = at_work.get(ADDRESS, {"all": "on", "query": "decision=any_accepted"})
    assert [r.reference for r in page.context["recommendations"]] == ["1a", "1b", "2", "10"]
    monkeypatch.setattr(clerk_tracker, "MOST_AT_ONCE", 3)
    page = at_work.get(ADDRESS, {"all": "on", "query": "decision=any_accepted"}).content.decode()
    assert "At most 3 recommendations can be changed at once." in page
    assert 'href="/tracker/?decision=any_accepted"' in page


@pytest.mark.parametrize("asked", [{}, {"row": ["x", "9" * 30, "99999"]}, {"all": "on", "query": "rating=7"}])
def test_nothing_is_ticked(asked, inquiry, at_work):
    assert "No recommendation is ticked." in at_work.get(ADDRESS, asked).content.decode()


@pytest.mark.parametrize(
    ("entered", "said"),
    [
        ({}, "Enter what is to change"),
        ({"lead_officer": "Nobody Known"}, "Nobody who can be chosen here matches"),
        ({"target_date_day": "31", "target_date_month": "2", "target_date_year": "2027"}, "There is no such day"),
        (
            {"target_date_day": "3", "target_date_month": "2", "target_date_year": "2027"},
            "Say why the target date changes",
        ),
        ({"cabinet_member": "999999"}, "Choose one from the list"),
    ],
)
def test_what_is_missing_is_said_beside_it(entered, said, inquiry, at_work):
    answer = at_work.post(ADDRESS, {"row": rows("2"), "action": "preview", "form_key": "x"} | entered)
    assert said in answer.content.decode()
    assert answer.context["lines"] == []


def test_a_change_meanwhile_is_shown_first(inquiry, at_work, other_officer):
    sent = {"row": rows("2"), "lead_officer": "Siân Llŷr-Ôwain", "action": "change", "seen": "old", "form_key": "x"}
    answer = at_work.post(ADDRESS, sent)
    assert "Someone else has changed something since this was shown." in answer.content.decode()
    assert "Tom Okafor → " in re.sub(r"<[^>]+>", "", answer.content.decode())
    assert Response.objects.get(recommendations__reference="2").lead_officer == other_officer


def test_only_clerks_tick(inquiry, client, officer):
    client.force_login(officer, "django.contrib.auth.backends.ModelBackend")
    page = client.get("/tracker/").content.decode()
    assert 'name="row"' not in page
    assert client.get(ADDRESS, {"row": rows("2")}).status_code == 404


def test_queries_do_not_grow(inquiry, committee, clerk, at_work, django_assert_max_num_queries):
    for title in ("Second", "Third"):
        factories.make_inquiry(committee, clerk, title=title)
    with django_assert_max_num_queries(9):
        assert len(at_work.get(ADDRESS, {"all": "on"}).context["recommendations"]) == 18


def test_what_is_typed_survives_the_end_of_the_session(inquiry, at_work, clerk, other_officer, mailoutbox):
    at_work.logout()
    sent = {"row": rows("1a", "2"), "reason": "A new team.", "lead_officer": "Tom Okafor", "action": "preview"}
    sent |= {"query": "state=open", "writer": clerk.signed_key}
    assert at_work.post(ADDRESS, sent).url == f"/accounts/login/?next={ADDRESS}"
    sign_in_by_code(at_work, clerk, mailoutbox)
    page = at_work.get(ADDRESS)
    assert [r.reference for r in page.context["recommendations"]] == ["1a", "2"]
    assert page.context["form"]["reason"].value() == "A new team."
    assert "You have text that was not saved" in page.content.decode()
    # Of what is ticked anew, nothing is said by it.
    page = at_work.get(ADDRESS, {"row": rows("10")})
    assert [r.reference for r in page.context["recommendations"]] == ["10"]
    assert page.context["form"]["reason"].value() is None
    at_work.post(ADDRESS, sent | {"action": "change", "seen": at_work.post(ADDRESS, sent).context["seen"]})
    assert not Draft.objects.exists()
    assert Response.objects.filter(lead_officer=other_officer).count() == 2

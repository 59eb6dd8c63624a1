"""The pages on which actions are set, changed and done, and where they are read."""

from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from inquiries.actions import action_points, assessments, replies
from inquiries.choices import Rating, Stage
from inquiries.documents.progress_report import requested_actions
from inquiries.imports.reply_form import read_document
from inquiries.models import ActionPoint, ProgressUpdate
from tests import factories
from tests.cast import NOW
from tests.views.officer.test_reply import written

pytestmark = pytest.mark.usefixtures("quick_files")

DUE = {"due_on_day": "1", "due_on_month": "3", "due_on_year": "2036"}
WANTED = {"text": "Publish the number\non <b>every</b> bill.", "owner": "Priya Nair", **DUE}


@pytest.fixture
def report(inquiry, clerk, committee, chair):
    """1a and 1b raise concerns, 2 is on track; the meeting has begun."""
    report = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED)
    for update, rating in zip(report.updates.for_page(), (Rating.CONCERNS, Rating.ON_TRACK), strict=False):
        assessments.assess(update, rating=rating, comment="Too slow.", seen=None, by=chair, now=NOW)
    report.meeting = factories.hold_meeting(committee)
    report.meeting.start = timezone.now() - timedelta(minutes=10)
    report.meeting.save()
    report.save()
    return report


@pytest.fixture
def action(report, contributor, clerk):
    """Set, and the ratings confirmed."""
    update = report.updates.for_page().first()
    asked = {"text": "Ask Ofgem.", "owner": contributor, "due_on": date(2036, 3, 1)}
    action = action_points.set_action_point(update, **asked, by=clerk, now=timezone.now())
    assessments.confirm_assessments(report, by=clerk, now=timezone.now())
    return action


def text_of(page):
    return page.content.decode()


def listed(report):
    return reverse("committee:action_points", args=[report.inquiry.slug, 6])


def setting(report):
    return reverse("committee:set_action_point", args=[report.inquiry.slug, 6, "1a"])


def test_the_chair_sets_an_action_from_the_page_that_confirms(client, report, contributor, chair):
    client.force_login(chair)
    confirm = text_of(client.get(reverse("committee:confirm", args=[report.inquiry.slug, 6])))
    assert "1 row is rated concerns or not delivered." in confirm
    assert listed(report) in confirm
    page = text_of(client.get(listed(report)))
    assert setting(report) in page and page.count("Set an action<") == 1
    page = client.post(setting(report), WANTED, follow=True)
    assert page.redirect_chain == [(listed(report), 302)]
    assert "Publish the number on &lt;b&gt;every&lt;/b&gt; bill." in text_of(page)
    action = ActionPoint.objects.get()
    assert (action.owner, action.due_on, action.set_by) == (contributor, date(2036, 3, 1), chair)
    assert "1 action set" in text_of(client.get(reverse("committee:confirm", args=[report.inquiry.slug, 6])))


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"text": " "}, "Say what is to be done"),
        ({"owner": ""}, "Choose a person"),
        ({"owner": "Nobody Here"}, "Nobody who can be chosen here matches"),
        ({"due_on_year": ""}, "The date must include a year"),
        ({"due_on_year": "2001"}, "Enter a day after the meeting"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client, report, contributor, clerk, typed, message):
    client.force_login(clerk)
    page = text_of(client.post(setting(report), WANTED | typed))
    assert message in page
    assert "due_on_day" in page and (typed.get("text") or "&lt;b&gt;every&lt;/b&gt;" in page)
    assert not ActionPoint.objects.exists()


def test_an_action_is_changed_and_a_draft_removed(client, report, officer, contributor, clerk):
    client.force_login(clerk)
    client.post(setting(report), WANTED)
    action = ActionPoint.objects.get()
    change = reverse("committee:change_action_point", args=[action.pk])
    page = client.get(change)
    marks = page.context["form"].initial["based_on"]
    page = client.post(change, WANTED | {"owner": "Siân Llŷr-Ôwain", "based_on": marks}, follow=True)
    assert "The action is changed." in text_of(page)
    assert ActionPoint.objects.get().owner == officer
    # Another clerk, whose page is older, would give it to the other officer.
    clash = client.post(change, WANTED | {"owner": "Tom Okafor", "based_on": marks})
    assert "Siân Llŷr-Ôwain" in text_of(clash) and ActionPoint.objects.get().owner == officer
    assert "The action is removed." in text_of(client.post(change, {"action": "remove"}, follow=True))
    assert not ActionPoint.objects.exists()


def test_the_owner_finds_it_in_their_work_and_says_that_it_is_done(client, action, contributor, clerk):
    client.force_login(contributor)
    assert f'href="{action.get_absolute_url()}"' in text_of(client.get("/"))
    page = text_of(client.get(action.get_absolute_url()))
    assert "What the committee asked you to do" in page and "Ask Ofgem." in page
    assert "Say in a sentence what was done" in text_of(client.post(action.get_absolute_url(), {"note": ""}))
    done = text_of(client.post(action.get_absolute_url(), {"note": "Ofgem agreed."}, follow=True))
    assert "Ofgem agreed." in done and 'name="note"' not in done
    assert "Ask Ofgem." not in text_of(client.get("/"))
    action.refresh_from_db()
    assert (action.done_by, action.done_note) == (contributor, "Ofgem agreed.")


def test_what_was_marked_done_by_mistake_is_opened_again(client, report, action, contributor, clerk):
    action_points.finish_action_point(action, note="Ofgem agreed.", by=contributor, now=timezone.now())
    client.force_login(clerk)
    assert f'href="{action.get_absolute_url()}">Open again' in text_of(client.get(listed(report)))
    client.force_login(contributor)
    assert "It is not done: open it again" in text_of(client.get(action.get_absolute_url()))
    for message in ("The action is open again.", "This action is open already."):
        page = text_of(client.post(action.get_absolute_url(), {"action": "resume"}, follow=True))
        assert message in page and 'name="note"' in page
    action.refresh_from_db()
    assert (action.done_at, action.done_note) == (None, "")


def test_the_committee_reads_actions_where_it_assesses(client, report, action, inquiry, clerk, chair, member):
    assess = [reverse("committee:assess", args=[inquiry.slug, months]) for months in (6, 12)]
    factories.make_report(inquiry, clerk, months_on=12, at=Stage.PUBLISHED)
    for person, leads in ((chair, True), (clerk, True), (member, False)):
        client.force_login(person)
        page = text_of(client.get(assess[0]))
        assert "The committee asks: Ask Ofgem, by 1 March 2036 (Priya Nair)." in page
        assert (listed(report) in page) is leads
        page = text_of(client.get(assess[1]))
        assert "the committee asked: Ask Ofgem, by 1 March 2036 (Priya Nair). Not done yet." in page


def test_everybody_reads_the_action_in_the_story_of_the_recommendation(client, action, inquiry):
    page = text_of(client.get(reverse("public:recommendation", args=[inquiry.slug, "1a"])))
    assert page.count("The committee asks: Ask Ofgem, by 1 March 2036 (Priya Nair).") == 1


def test_the_page_of_an_action_is_for_its_owner_and_clerks_once_confirmed(client, report, contributor, officer, clerk):
    update = report.updates.for_page().first()
    asked = {"text": "Ask Ofgem.", "owner": contributor, "due_on": date(2036, 3, 1)}
    action = action_points.set_action_point(update, **asked, by=clerk, now=timezone.now())
    public = report.get_absolute_url()
    recommendation = reverse("public:recommendation", args=[report.inquiry.slug, "1a"])
    client.force_login(contributor)
    assert client.get(action.get_absolute_url()).status_code == 404
    assert "Ask Ofgem" not in text_of(client.get("/"))
    client.logout()
    for address in (public, f"{public[:-1]}.json", f"{public[:-1]}.csv", recommendation):
        assert "Ofgem" not in text_of(client.get(address))
    assessments.confirm_assessments(report, by=clerk, now=timezone.now())
    asks = "Ask Ofgem, by 1 March 2036 (Priya Nair)."
    assert f"The committee asks: {asks}" in text_of(client.get(public))
    assert "Ask Ofgem." in text_of(client.get(f"{public[:-1]}.json"))
    client.force_login(contributor)
    assert client.get(action.get_absolute_url()).status_code == 200
    client.force_login(officer)
    assert client.get(action.get_absolute_url()).status_code == 404


def test_the_officer_reads_what_was_asked_where_the_next_update_is_written(client, action, inquiry, officer, clerk):
    following = factories.make_report(inquiry, clerk, months_on=12)
    update = following.updates.for_page().first()
    client.force_login(officer)
    # Of an update that was fetched without its actions, too.
    (asked,) = requested_actions(ProgressUpdate.objects.get(pk=update.pk), earlier=True)
    assert asked.text == "Ask Ofgem."
    for address in (update.get_absolute_url(), reverse("officer:updates", args=[inquiry.slug, 12])):
        page = text_of(client.get(address))
        assert "the committee asked: Ask Ofgem, by 1 March 2036 (Priya Nair). Not done yet." in page


def test_the_form_in_word_says_what_was_asked_and_comes_back(action, inquiry, officer, contributor, clerk):
    following = factories.make_report(inquiry, clerk, months_on=12)
    updates = list(following.updates.with_last_time().for_page())
    form = replies.make_reply_form(following, updates[:1], person=officer, now=NOW)
    asked = "the committee asked: Ask Ofgem, by 1 March 2036 (Priya Nair)."
    (words,) = [text for text in read_document(form).others if "Ofgem" in text]
    assert words.endswith(f"{asked} Not done yet.")
    # It is no text of the officer's, nor when the action is done by the time the form comes back.
    action_points.finish_action_point(action, note="Ofgem agreed.", by=contributor, now=timezone.now())
    answer = read_document(written(form, "The number is on every bill."))
    reply = replies.check_reply(answer, following, updates, by=officer, now=NOW)
    assert (reply.others, reply.notes) == ([], [])
    (replied,) = replies.replied_updates(reply, updates, by=officer, now=NOW)
    assert replied.fields == {"text": "The number is on every bill."}


def test_the_list_of_actions_asks_the_same_few_queries(client, report, clerk, officer, django_assert_max_num_queries):
    update = report.updates.for_page().first()
    for number in range(3):
        asked = {"text": f"Do {number}.", "owner": officer, "due_on": date(2036, 3, 1)}
        action_points.set_action_point(update, **asked, by=clerk, now=timezone.now())
    client.force_login(clerk)
    with django_assert_max_num_queries(12):
        assert text_of(client.get(listed(report))).count("Do ") == 3

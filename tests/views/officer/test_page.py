"""Who sees the page of an update, and what it shows."""

from datetime import date

import pytest

from inquiries.actions import progress, responses
from inquiries.choices import Rating, Stage
from tests.cast import NOW
from tests.factories import make_report
from tests.views.officer.steps import AUTOSAVE, PAGE, fresh, save, typed, words_of


def test_anonymous_readers_sign_in_first(client, update):
    response = client.get(PAGE)
    assert (response.status_code, response.url) == (302, f"/accounts/login/?next={PAGE}")


@pytest.mark.parametrize("who", ["officer", "clerk", "cabinet_member"])
def test_update_is_read_by_those_it_concerns(client, update, request, who):
    client.force_login(request.getfixturevalue(who))
    assert client.get(PAGE).status_code == 200


@pytest.mark.parametrize("who", ["other_officer", "contributor", "member", "chair", "other_member", "stranger"])
def test_update_is_hidden_from_others(client, update, request, who):
    client.force_login(request.getfixturevalue(who))
    assert client.get(PAGE).status_code == 404
    assert client.post(PAGE, typed(update, text="Mine.")).status_code == 404
    assert client.post(AUTOSAVE, typed(update, text="Mine.")).status_code == 404
    assert fresh(update.report).text == ""


def test_a_named_contributor_writes_but_names_nobody(client, update, officer, contributor, stranger):
    save(update, officer, contributors=[contributor])
    client.force_login(contributor)
    page = client.get(PAGE)
    assert "Priya Nair, Team Manager" in words_of(page)
    assert "Contributor 1" not in words_of(page)
    response = client.post(PAGE, typed(fresh(update.report), text="Twelve homes.", contributor_1=stranger.name))
    assert response.status_code == 302
    saved = fresh(update.report)
    assert (saved.text, saved.contributor_names) == ("Twelve homes.", [contributor])


def test_cabinet_member_reads_and_may_not_write(client, update, officer, cabinet_member):
    save(update, officer)
    client.force_login(cabinet_member)
    page = client.get(PAGE)
    reason = "Only the lead officer, the contributors they name, or a clerk can write this update."
    assert reason in words_of(page)
    assert "Save as draft" not in words_of(page)
    response = client.post(PAGE, typed(update, text="My own words."))
    assert response.status_code == 403
    assert reason in words_of(response)
    assert "My own words." in words_of(response)
    assert fresh(update.report).text == "Ten homes."


@pytest.mark.parametrize("reference", ["1b", "1B"])
def test_every_number_of_a_joint_response_leads_to_the_same_page(client, update, officer, reference):
    client.force_login(officer)
    response = client.get(PAGE.replace("/1a/", f"/{reference}/"))
    assert (response.status_code, response.url) == (302, PAGE)


@pytest.mark.parametrize(
    "address", [PAGE.replace("/1a/", "/99/"), PAGE.replace("/6/", "/12/"), PAGE.replace("1a", "%00")]
)
def test_no_such_update(client, update, clerk, address):
    client.force_login(clerk)
    assert client.get(address).status_code == 404


def test_page_shows_the_promise_and_the_deadline(client, update, officer):
    client.force_login(officer)
    words = words_of(client.get(PAGE))
    assert "That the council publishes one telephone number for help with heating." in words
    assert "That the number stands on every council tax bill." in words
    assert "One number will be used." in words
    assert "overdue</strong>, was due 6 January 2020" in words


def test_page_shows_original_and_current_target_date(client, update, officer, clerk):
    for day, reason in ((date(2026, 12, 1), ""), (date(2027, 3, 31), "The supplier is late.")):
        responses.change_target_date(update.response, target_date=day, reason=reason, by=clerk, now=NOW)
    client.force_login(officer)
    words = words_of(client.get(PAGE))
    assert "31 March 2027" in words
    assert "First target date: 1 December 2026." in words
    assert "Why it moved: The supplier is late." in words


def test_page_shows_the_last_update_and_its_rating(client, inquiry, officer, clerk):
    earlier = make_report(inquiry, clerk, at=Stage.ASSESSED)
    assert fresh(earlier, "2").assessment.rating == Rating.ON_TRACK
    make_report(inquiry, clerk, months_on=12)
    client.force_login(clerk)
    words = words_of(client.get("/inquiries/warm-homes-inquiry/progress/12/updates/2/"))
    assert "Last time: interim report (6 months on)" in words
    assert "Work on 2 is going well." in words
    assert "On track</strong>" in words


def test_page_shows_no_rating_that_is_not_confirmed(client, inquiry, officer, clerk):
    make_report(inquiry, clerk, at=Stage.PUBLISHED)
    make_report(inquiry, clerk, months_on=12)
    client.force_login(officer)
    words = words_of(client.get(PAGE.replace("/6/", "/12/")))
    assert "Work on 1a and 1b is going well." in words
    assert "Implemented</strong>" not in words


def test_a_returned_update_says_why(client, inquiry, officer, clerk, cabinet_member):
    report = make_report(inquiry, clerk, at=Stage.AWAITING_SIGN_OFF)
    progress.return_update(fresh(report), note="Say how many homes.", by=cabinet_member, now=NOW)
    client.force_login(officer)
    words = words_of(client.get(PAGE))
    assert "Councillor Ruth Adeyemi sent this update back on 23 November 2026." in words
    assert "Say how many homes." in words
    assert "Save and submit" in words


def test_typed_markup_is_shown_as_text(client, update, officer):
    save(update, officer, "<script>alert(1)</script> & more")
    client.force_login(officer)
    page = client.get(PAGE).content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page


def test_history_names_the_person_and_folds_one_sitting(client, update, officer, clerk):
    for words in ("One.", "Two.", "Three."):
        update = save(update, officer, words)
    save(update, clerk, "Four.")
    client.force_login(officer)
    words = words_of(client.get(PAGE))
    assert words.count("Siân Llŷr-Ôwain changed the progress update on 1a and 1b") == 1
    assert "Carys Whitlock changed the progress update on 1a and 1b, on behalf of Siân Llŷr-Ôwain" in words


def test_a_clerk_is_told_that_it_is_on_behalf(client, update, officer, clerk):
    client.force_login(clerk)
    assert "You are writing on behalf of Siân Llŷr-Ôwain; the history will say so." in words_of(client.get(PAGE))
    client.force_login(officer)
    assert "on behalf of" not in words_of(client.get(PAGE))


def test_exempt_words_are_for_writers_and_those_who_may(client, update, officer, cabinet_member, clerk):
    save(update, officer, exempt_text="The contractor's price.", exempt_paragraph=3)
    cabinet_member.cabinet_seats.update(until_date=date(2025, 12, 31))
    client.force_login(cabinet_member)
    words = words_of(client.get(PAGE))
    assert "contractor&#x27;s price" not in words
    assert "It is exempt from publication." in words
    client.force_login(officer)
    assert "contractor&#x27;s price" in words_of(client.get(PAGE))


@pytest.mark.parametrize("rows", [1, 3])
def test_page_asks_the_same_number_of_questions(
    client, update, officer, contributor, stranger, clerk, rows, django_assert_num_queries
):
    save(
        update,
        officer,
        contributors=[contributor, stranger, clerk][:rows],
        evidence=[(f"Page {n}", f"https://wealdshire.example/{n}") for n in range(rows)],
    )
    client.force_login(officer)
    with django_assert_num_queries(9):
        client.get(PAGE)

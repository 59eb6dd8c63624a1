"""Saving and submitting; what two people wrote at once."""

from datetime import date

import pytest
from django.test import Client

from inquiries.actions import progress
from inquiries.models import Entry
from tests.at_once import at_once
from tests.cast import NOW
from tests.views.officer.steps import AUTOSAVE, PAGE, fresh, save, typed, words_of


def test_a_draft_is_saved_with_everything_beside_it(client, update, officer, contributor):
    client.force_login(officer)
    words = {
        "text": "Ten homes.\r\n\r\n- one\r\n- two",
        "officer_view": "on_track",
        "forecast_date_day": "31",
        "forecast_date_month": "March",
        "forecast_date_year": "2027",
        "exempt_text": "The price.",
        "exempt_paragraph": "3",
        "contributor_1": contributor.name,
        "contributor_2": contributor.name,
        "contributor_3": "",
        "contributor_4": "",
        "links-0-title": "",
        "links-0-url": "",
        "links-1-title": "The page",
        "links-1-url": "www.wealdshire.example/warm",
    }
    response = client.post(PAGE, typed(update, **words))
    assert (response.status_code, response.url) == (302, PAGE)
    saved = fresh(update.report)
    assert (saved.text, saved.officer_view) == ("Ten homes.\n\n- one\n- two", "on_track")
    assert saved.forecast_date == date(2027, 3, 31)
    assert (saved.exempt_text, saved.exempt_paragraph) == ("The price.", 3)
    assert saved.contributor_names == [contributor]
    assert [(e.title, e.url) for e in saved.evidence.all()] == [("The page", "https://www.wealdshire.example/warm")]
    assert saved.submitted_at is None
    assert "Draft saved." in words_of(client.get(PAGE))


# As a browser sends it: with the key by which a second click is known, and a message for the next page.
@pytest.mark.parametrize("action", ["save", "submit"])
def test_query_count(client, update, officer, action, django_assert_num_queries):
    client.force_login(officer)
    sent = typed(update, text="Ten homes.", action=action, form_key="k" * 16)
    with django_assert_num_queries(22):
        client.post(PAGE, sent)


def test_a_link_is_removed_by_emptying_it(client, update, officer):
    update = save(update, officer, evidence=[("One", "https://a.example/1"), ("Two", "https://a.example/2")])
    client.force_login(officer)
    links = {"links-0-title": "", "links-0-url": "", "links-1-title": "Two", "links-1-url": "https://a.example/2"}
    client.post(PAGE, typed(update, **links, **{"links-INITIAL_FORMS": 2, "links-TOTAL_FORMS": 5}))
    assert [e.title for e in fresh(update.report).evidence.all()] == ["Two"]


def test_another_link_saves_and_makes_room(client, update, officer):
    client.force_login(officer)
    links = {
        f"links-{n}-{part}": words
        for n in range(3)
        for part, words in (("title", n), ("url", f"https://a.example/{n}"))
    }
    response = client.post(PAGE, typed(update, text="Ten homes.", action="add_link", **links))
    assert response.url == f"{PAGE}?links=1#links"
    assert "Link 6" in words_of(client.get(PAGE))
    assert fresh(update.report).text == "Ten homes."


def test_a_form_without_links_or_contributors_leaves_them(client, update, officer, contributor):
    update = save(update, officer, contributors=[contributor], evidence=[("One", "https://a.example/1")])
    client.force_login(officer)
    client.post(PAGE, {"version": update.version, "text": "Eleven homes."})
    saved = fresh(update.report)
    assert (saved.text, saved.contributor_names, saved.evidence.count()) == ("Eleven homes.", [contributor], 1)


def test_submitting_says_what_happens_next(client, update, officer):
    client.force_login(officer)
    response = client.post(PAGE, typed(update, text="Ten homes.", action="submit"), follow=True)
    words = words_of(response)
    assert "The progress update on 1a and 1b has been submitted." in words
    assert "Submitted by Siân Llŷr-Ôwain on" in words
    assert "This update has been submitted and can no longer be changed." in words
    assert "it goes to Councillor Ruth Adeyemi for sign-off" in words
    assert fresh(update.report).submitted_by == officer


def test_an_empty_draft_may_be_saved_but_not_submitted(client, update, officer):
    client.force_login(officer)
    assert client.post(PAGE, typed(update, text="")).status_code == 302
    response = client.post(PAGE, typed(fresh(update.report), text=" \r\n", officer_view="on_track", action="submit"))
    words = words_of(response)
    assert '<a href="#id_text">Write what has been done before you submit the update.</a>' in words
    assert 'value="on_track"' in words and "checked" in words
    assert fresh(update.report).submitted_at is None


SUBMITTED = "The progress update on 1a and 1b has been submitted."


@pytest.mark.parametrize(
    "words",
    [
        {"text": "Ten homes."},
        {"text": " Ten homes.\r\n\r\nEleven.\r "},
        {"text": "", "exempt_text": "The price.", "exempt_paragraph": "3"},
        {"text": "Ten homes.", "contributor_1": "Hâf Morgan", "links-0-title": "A page", "links-0-url": "a.example/1"},
    ],
)
def test_a_second_click_on_submit_says_what_the_first_did(client, update, officer, contributor, words):
    client.force_login(officer)
    words = {name: contributor.name if name == "contributor_1" else value for name, value in words.items()}
    words = typed(update, **words, action="submit")
    client.post(PAGE, words)
    client.get(PAGE)
    response = client.post(PAGE, words, follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert SUBMITTED in words_of(response)
    assert Entry.objects.about(update).filter(verb="submit_update").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_on_submit_at_once_are_both_told_that_it_is_submitted(update, officer):
    windows = [Client(), Client()]
    for window in windows:
        window.force_login(officer)
    words = typed(update, text="Ten homes.", action="submit")
    answers = at_once(*(lambda window=window: window.post(PAGE, words) for window in windows))
    assert [(answer.status_code, answer.url) for answer in answers] == [(302, PAGE)] * 2
    assert all(SUBMITTED in words_of(window.get(PAGE)) for window in windows)
    assert Entry.objects.about(update).filter(verb="submit_update").count() == 1


def test_submit_clicked_right_after_save_submits(client, update, officer):
    client.force_login(officer)
    client.post(PAGE, typed(update, text="Ten homes."))
    response = client.post(PAGE, typed(update, text="Ten homes.", action="submit"), follow=True)
    assert SUBMITTED in words_of(response)
    assert fresh(update.report).submitted_by == officer


def test_other_text_after_submitting_is_not_called_saved(client, update, officer):
    client.force_login(officer)
    client.post(PAGE, typed(update, text="Ten homes.", action="submit"))
    response = client.post(PAGE, typed(update, text="Eleven homes.", action="submit"))
    assert (response.status_code, "Eleven homes." in words_of(response)) == (403, True)


def test_draft_of_what_was_submitted_is_not_called_unsaved(client, update, officer):
    client.force_login(officer)
    words = typed(update, text="Ten homes.")
    client.post(PAGE, {**words, "action": "submit"})
    client.post(AUTOSAVE, words)
    assert "You have text that was not saved" not in words_of(client.get(PAGE))
    client.post(AUTOSAVE, {**words, "text": "Eleven homes."})
    assert "You have text that was not saved" in words_of(client.get(PAGE))


def test_a_second_click_on_save_does_no_harm(client, update, officer):
    client.force_login(officer)
    words = typed(update, text="Ten homes.")
    client.post(PAGE, words)
    assert client.post(PAGE, words).status_code == 302
    assert fresh(update.report).version == 1


@pytest.mark.parametrize(
    ("wrong", "message", "href"),
    [
        ({"exempt_text": "The price."}, "Choose the paragraph of Schedule 12A", "#id_exempt_paragraph"),
        ({"links-0-url": "https://a.example/"}, "Say what the link shows.", "#id_links-0-title"),
        ({"links-0-title": "A page"}, "Enter the web address of the link.", "#id_links-0-url"),
        ({"links-0-title": "A page", "links-0-url": "javascript:alert(1)"}, "begins with https://", "#id_links-0-url"),
        ({"links-0-title": "A page", "links-0-url": "ftp://a.example/"}, "begins with https://", "#id_links-0-url"),
        (
            {"contributor_1": "Nobody Known"},
            "Nobody who can be chosen here matches “Nobody Known”",
            "#id_contributor_1",
        ),
        ({"officer_view": "brilliant"}, "brilliant", "#id_officer_view_0"),
        ({"text": "w" * 20_001}, "at most 20,000 characters", "#id_text"),
        ({"text": "Ten homes.\0"}, "Null characters are not allowed.", "#id_text"),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_lost(client, update, officer, wrong, message, href):
    client.force_login(officer)
    response = client.post(PAGE, typed(update, **{"text": "Ten homes.", **wrong}))
    words = words_of(response)
    assert response.status_code == 200
    assert message in words and f'<a href="{href}">' in words
    assert "Ten homes." in words or wrong.get("text", "") in words
    assert fresh(update.report).version == 0


def test_a_form_that_lost_its_version_says_so(client, update, officer):
    client.force_login(officer)
    response = client.post(PAGE, typed(update, text="Ten homes.", version="many"))
    assert "This page came back incomplete." in words_of(response)
    assert "Ten homes." in words_of(response)


def test_words_that_come_too_late_are_shown_for_copying(client, update, officer, contributor):
    update = save(update, officer, contributors=[contributor])
    client.force_login(contributor)
    progress.submit_update(update, version=update.version, by=officer, now=NOW)
    response = client.post(PAGE, typed(update, text="My long text.", action="submit"))
    assert response.status_code == 403
    words = words_of(response)
    assert "This update has been submitted and can no longer be changed." in words
    assert "My long text." in words


@pytest.fixture
def clash(client, update, officer, contributor):
    """The officer opens the page; the contributor saves; the officer saves."""
    update = save(update, officer, "Ten homes.\nMore to come.", contributors=[contributor])
    save(
        update,
        contributor,
        "Twelve homes.\nMore to come.",
        officer_view="on_track",
        forecast_date=date(2027, 3, 31),
        evidence=[("A", "https://a.example/")],
    )
    client.force_login(officer)
    return lambda **words: client.post(
        PAGE,
        typed(
            update,
            **{
                "text": "Eleven homes.\nMore to come.",
                "exempt_text": "The price.",
                "exempt_paragraph": "3",
                "contributor_1": contributor.name,
                "contributor_2": "",
                "contributor_3": "",
                "contributor_4": "",
                "links-0-title": "B",
                "links-0-url": "https://b.example/",
                **words,
            },
        ),
    )


@pytest.mark.parametrize("action", ["save", "submit"])
def test_a_clash_shows_both_texts_and_loses_nothing(clash, update, action):
    response = clash(action=action)
    assert response.status_code == 409
    words = words_of(response)
    assert "Priya Nair saved the update on 1a and 1b on 23 November 2026 at 09:30" in words
    assert "(only in their text: </span>Twelve<span" in words
    assert "(only in your text: </span>Eleven<span" in words
    form = response.context["form"]
    assert form["text"].value() == "Twelve homes.\nEleven homes.\nMore to come."
    assert (form["exempt_text"].value(), form["exempt_paragraph"].value()) == ("The price.", 3)
    assert form["officer_view"].value() == "on_track"
    assert form["forecast_date"].value() == ["31", "3", "2027"]
    assert [link["title"].value() for link in response.context["formset"]] == ["B", "A", ""]
    saved = fresh(update.report)
    assert (saved.text, saved.submitted_at) == ("Twelve homes.\nMore to come.", None)


@pytest.mark.parametrize(
    ("action", "text", "exempt"),
    [
        ("mine", "Eleven homes.\nMore to come.", "The price."),
        ("theirs", "Twelve homes.\nMore to come.", ""),
        ("save", "Twelve or eleven homes.", "The price."),
    ],
)
def test_the_person_chooses_the_text(client, clash, update, action, text, exempt):
    page = clash()
    form, links = page.context["form"], page.context["formset"]
    words = {field.html_name: field.value() or "" for one in (form, *links) for field in one if field.kind != "person"}
    for field in form.contributor_fields:
        words[field.html_name], words[f"{field.html_name}_key"] = field.person["text"], field.person["key"]
    words |= {field.html_name: field.value() or 0 for field in links.management_form}
    side = page.context["clashing"]
    words |= {"my_text": side["text"]["mine"], "my_exempt_text": side["exempt_text"]["mine"], "action": action}
    response = client.post(PAGE, words | {"text": "Twelve or eleven homes."})
    assert response.status_code == 302
    saved = fresh(update.report)
    assert (saved.text, saved.exempt_text, saved.submitted_at) == (text, exempt, None)
    assert [link.title for link in saved.evidence.all()] == ["B", "A"]


def test_a_clash_over_the_same_text_asks_about_the_rest(clash):
    words = words_of(clash(text="Twelve homes.\nMore to come.", exempt_text="", exempt_paragraph=""))
    assert "Both of you have the same text." in words

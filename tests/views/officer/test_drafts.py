"""What is typed is kept as a draft while it is written, and outlives the session; the record stays as it is."""

import pytest

from inquiries.actions import progress
from inquiries.models import Draft, Entry
from tests.cast import NOW
from tests.views.officer.steps import AUTOSAVE, PAGE, fresh, save, typed, words_of

NOT_SAVED = "You have text that was not saved"


def test_autosave_keeps_a_draft_and_leaves_the_record(client, update, officer):
    client.force_login(officer)
    entries = Entry.objects.count()
    response = client.post(AUTOSAVE, typed(update, text="Ten homes.", action="submit", **{"links-0-title": "Half"}))
    assert response.status_code == 200
    assert list(response.json()) == ["saved_at"] and len(response.json()["saved_at"]) == 5
    draft = Draft.objects.get()
    assert (draft.person, draft.address, draft.based_on_version) == (officer, PAGE, 0)
    assert (draft.posted["text"], draft.posted["links-0-title"], "action" in draft.posted) == (
        "Ten homes.",
        "Half",
        False,
    )
    found = fresh(update.report)
    assert (found.text, found.version, found.saved_at, found.submitted_at) == ("", 0, None, None)
    assert Entry.objects.count() == entries


def test_autosave_replaces_the_earlier_draft(client, update, officer):
    client.force_login(officer)
    for text in ("Ten", "Ten homes\0."):
        client.post(AUTOSAVE, typed(update, text=text))
    assert Draft.objects.get().posted["text"] == "Ten homes."


@pytest.mark.parametrize("writer", ["officer", "contributor", "clerk"])
def test_autosave_query_count(client, update, request, officer, contributor, writer, django_assert_num_queries):
    save(update, officer, contributors=[contributor])
    client.force_login(request.getfixturevalue(writer))
    words = typed(
        fresh(update.report), text="Ten homes.", contributor_1="Somebody", **{"links-0-url": "https://a.example"}
    )
    with django_assert_num_queries({"officer": 4, "contributor": 5, "clerk": 4}[writer]):
        client.post(AUTOSAVE, words)


@pytest.mark.parametrize(("action", "count"), [("save", 17), ("submit", 17)])
def test_saving_query_count(client, update, officer, action, count, django_assert_num_queries):
    client.force_login(officer)
    with django_assert_num_queries(count):
        assert client.post(PAGE, typed(update, text="Ten homes.", action=action)).status_code == 302


def test_autosave_rejects_what_is_too_long_to_keep(client, update, officer):
    client.force_login(officer)
    response = client.post(AUTOSAVE, typed(update, text="w" * 200_001))
    assert (response.status_code, list(response.json()["errors"])) == (400, ["text"])
    assert not Draft.objects.exists()


def test_autosave_without_a_session_says_where_to_sign_in(client, update):
    response = client.post(AUTOSAVE, typed(update, text="Ten homes."))
    assert (response.status_code, response.json()) == (401, {"sign_in": f"/accounts/login/?next={PAGE}"})


def test_autosave_says_that_somebody_saved_meanwhile(client, update, officer, clerk):
    save(update, clerk)
    client.force_login(officer)
    response = client.post(AUTOSAVE, typed(update, text="Eleven homes."))
    assert response.status_code == 409
    assert response.json() == {
        "message": "Someone else has changed this text since you opened it. Save to see both texts."
    }
    assert Draft.objects.get().posted["text"] == "Eleven homes."


def test_autosave_after_submission_says_why_not(client, update, officer):
    update = save(update, officer)
    progress.submit_update(update, version=update.version, by=officer, now=NOW)
    client.force_login(officer)
    response = client.post(AUTOSAVE, typed(update, text="Eleven homes."))
    assert response.status_code == 403
    assert response.json() == {"message": "This update has been submitted and can no longer be changed."}


def test_autosave_keeps_nothing_for_other_people(client, update, officer, cabinet_member):
    client.force_login(cabinet_member)
    assert client.post(AUTOSAVE, typed(update, text="Mine.")).status_code == 403
    client.force_login(officer)
    for writer in (cabinet_member.signed_key, str(officer.pk), f"{officer.signed_key}x", ""):
        assert client.post(AUTOSAVE, typed(update, text="Theirs.", writer=writer)).status_code == 403
    assert not Draft.objects.exists()
    assert client.post(AUTOSAVE, typed(update, text="Mine.", writer=officer.signed_key)).status_code == 200
    assert Draft.objects.get().posted["text"] == "Mine."


def test_autosave_is_for_post(client, update, officer):
    client.force_login(officer)
    assert client.get(AUTOSAVE).status_code == 405


def test_form_opens_with_the_draft(client, update, officer):
    client.force_login(officer)
    client.post(AUTOSAVE, typed(update, text="Ten homes.", officer_view="on_track"))
    page = client.get(PAGE)
    assert NOT_SAVED in words_of(page)
    assert page.context["form"]["text"].value() == "Ten homes."
    assert page.context["form"]["officer_view"].value() == "on_track"


@pytest.mark.parametrize("action", ["save", "submit"])
def test_saving_deletes_the_draft(client, update, officer, action):
    client.force_login(officer)
    client.post(AUTOSAVE, typed(update, text="Ten"))
    client.post(PAGE, typed(update, text="Ten homes.", action=action))
    assert not Draft.objects.exists()
    assert NOT_SAVED not in words_of(client.get(PAGE))


def test_draft_survives_a_form_with_a_mistake(client, update, officer):
    client.force_login(officer)
    client.post(AUTOSAVE, typed(update, text="Ten"))
    assert client.post(PAGE, typed(update, text="", action="submit")).status_code == 200
    assert Draft.objects.get().posted["text"] == "Ten"


def test_nobody_sees_the_draft_of_another_person(client, update, officer, clerk):
    client.force_login(officer)
    client.post(AUTOSAVE, typed(update, text="Ten homes."))
    client.force_login(clerk)
    page = client.get(PAGE)
    assert NOT_SAVED not in words_of(page) and "Ten homes." not in words_of(page)


def test_discard_deletes_the_draft(client, update, officer):
    client.force_login(officer)
    client.post(AUTOSAVE, typed(update, text="Ten homes."))
    client.post(PAGE, {"action": "discard"})
    page = client.get(PAGE)
    assert NOT_SAVED not in words_of(page) and "Ten homes." not in words_of(page)
    assert "The text that was not saved has been discarded." in words_of(client.get(PAGE)) or not Draft.objects.exists()


def test_draft_of_an_older_version_is_shown_beside_what_was_saved(client, update, officer, clerk):
    client.force_login(officer)
    client.post(AUTOSAVE, typed(update, text="Ten homes."))
    update = save(update, clerk, "Twelve homes.")
    page = client.get(PAGE)
    words = words_of(page)
    assert NOT_SAVED in words and "Two people changed this update" in words
    assert page.context["clashing"]["text"]["mine"] == "Ten homes."
    assert page.context["form"]["version"].value() == update.version
    client.post(PAGE, typed(update, action="mine", my_text="Ten homes.", my_exempt_text=""))
    assert (fresh(update.report).text, Draft.objects.count()) == ("Ten homes.", 0)


def test_draft_equal_to_what_was_saved_is_not_offered(client, update, officer):
    client.force_login(officer)
    save(update, officer)
    client.post(AUTOSAVE, typed(update, text="Ten homes."))
    page = client.get(PAGE)
    assert page.status_code == 200 and NOT_SAVED not in words_of(page)
    assert page.context["form"]["version"].value() == 1


def test_draft_of_a_submitted_update_is_shown_for_copying(client, update, officer):
    update = save(update, officer)
    progress.submit_update(update, version=update.version, by=officer, now=NOW)
    client.force_login(officer)
    client.post(AUTOSAVE, typed(update, text="Eleven homes."))
    words = words_of(client.get(PAGE))
    assert "What you had written" in words and "Eleven homes." in words


def test_form_sent_after_the_session_is_a_draft_after_signing_in(client, update, officer):
    response = client.post(PAGE, typed(update, text="Ten homes.", officer_view="on_track", writer=officer.signed_key))
    assert (response.status_code, response.url) == (302, f"/accounts/login/?next={PAGE}")
    client.force_login(officer)
    page = client.get(PAGE)
    assert NOT_SAVED in words_of(page)
    assert page.context["form"]["text"].value() == "Ten homes."
    assert fresh(update.report).text == ""
    client.post(PAGE, typed(update, text="Ten homes."))
    assert NOT_SAVED not in words_of(client.get(PAGE))


def test_draft_of_an_update_out_of_sight_is_not_shown(client, update, stranger):
    client.post(PAGE, typed(update, text="Ten homes.", writer=stranger.signed_key))
    client.force_login(stranger)
    assert client.get(PAGE).status_code == 404

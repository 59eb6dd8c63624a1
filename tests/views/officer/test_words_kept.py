"""Words are saved while they are written, and outlive the session."""

from inquiries.actions import progress
from tests.cast import NOW
from tests.views.officer.steps import AUTOSAVE, PAGE, fresh, save, typed, words_of


def test_autosave_saves_and_never_submits(client, update, officer):
    client.force_login(officer)
    response = client.post(AUTOSAVE, typed(update, text="Ten homes.", action="submit"))
    saved = fresh(update.report)
    assert response.status_code == 200
    assert response.json() == {"version": 1, "saved_at": response.json()["saved_at"]}
    assert len(response.json()["saved_at"]) == 5
    assert (saved.text, saved.submitted_at) == ("Ten homes.", None)


def test_autosave_saves_the_text_beside_half_a_link(client, update, officer):
    update = save(update, officer, evidence=[("One", "https://a.example/1")])
    client.force_login(officer)
    response = client.post(AUTOSAVE, typed(update, text="Eleven homes.", exempt_text="x", **{"links-0-title": "Two"}))
    assert response.status_code == 200
    assert response.json()["errors"] == {
        "exempt_paragraph": ["Choose the paragraph of Schedule 12A that makes this part exempt."],
        "link 1": ["Enter the web address of the link."],
    }
    saved = fresh(update.report)
    assert (saved.text, saved.exempt_text, saved.evidence.get().title) == ("Eleven homes.", "", "One")


def test_autosave_says_what_is_wrong_with_the_text(client, update, officer):
    client.force_login(officer)
    response = client.post(AUTOSAVE, typed(update, text="w" * 20_001))
    assert (response.status_code, list(response.json()["errors"])) == (400, ["text"])
    assert fresh(update.report).version == 0


def test_autosave_without_a_session_says_where_to_sign_in(client, update):
    response = client.post(AUTOSAVE, typed(update, text="Ten homes."))
    assert (response.status_code, response.json()) == (401, {"sign_in": f"/accounts/login/?next={PAGE}"})


def test_autosave_tells_of_a_clash(client, update, officer, clerk):
    save(update, clerk)
    client.force_login(officer)
    response = client.post(AUTOSAVE, typed(update, text="Eleven homes."))
    assert response.status_code == 409
    assert response.json() == {
        "message": "Somebody else has changed this text since you opened it. Save to see both texts."
    }


def test_autosave_after_submission_says_why_not(client, update, officer):
    update = save(update, officer)
    progress.submit_update(update, version=update.version, by=officer, now=NOW)
    client.force_login(officer)
    response = client.post(AUTOSAVE, typed(update, text="Eleven homes."))
    assert response.status_code == 403
    assert response.json() == {"message": "This update has been submitted and can no longer be changed."}


def test_autosave_is_for_post(client, update, officer):
    client.force_login(officer)
    assert client.get(AUTOSAVE).status_code == 405


KEPT = "We kept what you had written. Check it and save."


def test_words_survive_signing_in_again(client, update, officer):
    response = client.post(PAGE, typed(update, text="Ten homes.", officer_view="on_track", writer=officer.pk))
    assert (response.status_code, response.url) == (302, f"/accounts/login/?next={PAGE}")
    client.force_login(officer)
    page = client.get(PAGE)
    assert KEPT in words_of(page)
    assert page.context["form"]["text"].value() == "Ten homes."
    assert page.context["form"]["officer_view"].value() == "on_track"
    assert fresh(update.report).text == ""
    client.post(PAGE, typed(update, text="Ten homes."))
    assert KEPT not in words_of(client.get(PAGE))


def test_kept_words_can_be_discarded(client, update, officer):
    client.post(PAGE, typed(update, text="Ten homes.", writer=officer.pk))
    client.force_login(officer)
    assert KEPT in words_of(client.get(PAGE))
    client.post(PAGE, {"action": "discard"})
    page = client.get(PAGE)
    assert KEPT not in words_of(page)
    assert "Ten homes." not in words_of(page)


def test_kept_words_are_not_for_those_who_may_not_see_the_update(client, update, stranger):
    client.post(PAGE, typed(update, text="Ten homes.", writer=stranger.pk))
    client.force_login(stranger)
    assert client.get(PAGE).status_code == 404


def test_kept_words_clash_as_all_words_do(client, update, officer, clerk):
    client.post(PAGE, typed(update, text="Ten homes.", writer=officer.pk))
    save(update, clerk, "Twelve homes.")
    client.force_login(officer)
    kept = client.get(PAGE).context["form"]
    assert (kept["text"].value(), kept["version"].value()) == ("Ten homes.", "0")
    assert client.post(PAGE, typed(update, text="Ten homes.")).status_code == 409
    assert KEPT in words_of(client.get(PAGE))


def test_kept_words_of_an_update_closed_meanwhile_are_shown_for_copying(client, update, officer):
    update = save(update, officer)
    client.post(PAGE, typed(update, text="Eleven homes.", writer=officer.pk))
    progress.submit_update(update, version=update.version, by=officer, now=NOW)
    client.force_login(officer)
    words = words_of(client.get(PAGE))
    assert "What you had written before you were signed out" in words
    assert "Eleven homes." in words

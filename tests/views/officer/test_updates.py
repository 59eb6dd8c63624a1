"""All updates of a person in one report, on one page."""

from datetime import date

from django.http import QueryDict

from inquiries.actions import progress, responses
from inquiries.models import Draft, ProgressReport, Response
from inquiries.views import officer_updates
from inquiries.views.drafts import save_draft
from tests.cast import NOW, TODAY
from tests.views.officer.steps import PAGE, fresh, save, typed, words_of

LIST = "/inquiries/warm-homes-inquiry/progress/6/updates/"


def lead(officer, clerk, *references):
    for reference in references:
        response = Response.objects.get(recommendations__reference=reference)
        responses.correct_response(response, lead_officer=officer, by=clerk, now=NOW)


def listed(**words):
    """What a browser sends from the list: the fields beside the text and no others."""
    day = {f"forecast_date_{part}": "" for part in ("day", "month", "year")}
    return {"officer_view": "", "action": "save", "return_to": "updates", **day, **words}


def references(response):
    return [each.update.response.references for each in response.context["listed"]]


def test_officer_sees_the_updates_that_are_theirs(client, report, officer, other_officer, contributor, clerk):
    save(fresh(report), officer, contributors=[contributor])
    found = {}
    for person in (officer, other_officer, contributor, clerk):
        client.force_login(person)
        found[person] = references(client.get(LIST))
    assert found == {
        officer: ["1a and 1b"],
        other_officer: ["2"],
        contributor: ["1a and 1b"],
        clerk: ["1a and 1b", "2", "10"],
    }


def test_others_do_not_find_the_page(client, report, cabinet_member, member, stranger):
    for person in (cabinet_member, member, stranger):
        client.force_login(person)
        assert client.get(LIST).status_code == 404
    client.logout()
    assert client.get(LIST).status_code == 302


def test_the_page_names_what_was_promised_by_when_and_the_clerk(client, report, officer, clerk):
    response = Response.objects.get(recommendations__reference="1a")
    responses.change_target_date(response, target_date=date(2025, 9, 1), reason="", by=clerk, now=NOW)
    client.force_login(officer)
    words = words_of(client.get(LIST))
    assert "1a and 1b: That the council publishes one telephone number for help with heating." in words
    assert "The target date of 1 September 2025 has passed: say what happened and when it will be done." in words
    assert "One number will be used." in words
    assert "Ask Carys Whitlock, Scrutiny Officer" in words and "mailto:carys@wealdshire.example" in words


def test_the_contact_of_the_council_where_the_clerk_has_left(client, report, officer, clerk, settings):
    settings.CONTACT_EMAIL = "scrutiny@wealdshire.example"
    clerk.is_active = False
    clerk.save()
    client.force_login(officer)
    words = words_of(client.get(LIST))
    assert "Carys Whitlock, Scrutiny Officer" not in words and "mailto:scrutiny@wealdshire.example" in words


def test_submitting_leads_to_the_next_one_until_all_are_in(client, report, officer, clerk):
    lead(officer, clerk, "2")
    client.force_login(officer)
    first, second = fresh(report), fresh(report, "2")
    answer = client.post(PAGE, listed(version=0, text="Ten homes.", action="submit"))
    assert (answer.status_code, answer.url) == (302, LIST)
    page = client.get(LIST)
    assert references(page) == ["2", "1a and 1b"]
    assert "1 of 2 is in. 1 is still to be written" in words_of(page)
    alone = words_of(client.get(PAGE))
    assert f'Next update:</strong> <a class="govuk-link" href="{second.get_absolute_url()}">2: That officers' in alone
    client.post(second.get_absolute_url(), listed(version=0, text="A letter.", action="submit"))
    assert "All your updates are in" in words_of(client.get(LIST))
    assert "All your updates of this report are in" in words_of(client.get(PAGE))
    assert {u.text for u in report.updates.filter(pk__in=[first.pk, second.pk])} == {"Ten homes.", "A letter."}


def test_saving_from_the_list_keeps_what_it_does_not_show(client, update, officer, contributor):
    link = ("The page", "https://a.example/")
    update = save(
        update, officer, contributors=[contributor], evidence=[link], exempt_text="The price.", exempt_paragraph=3
    )
    client.force_login(officer)
    sent = listed(version=1, text="Twelve homes.", forecast_date_day="1", forecast_date_month="3")
    answer = client.post(PAGE, sent | {"forecast_date_year": "2027"})
    assert answer.url == f"{LIST}#update-{update.pk}"
    saved = fresh(update.report)
    assert (saved.text, saved.forecast_date) == ("Twelve homes.", date(2027, 3, 1))
    assert (saved.exempt_text, saved.exempt_paragraph) == ("The price.", 3)
    assert (saved.contributor_names, [(e.title, e.url) for e in saved.evidence.all()]) == ([contributor], [link])


def test_an_update_with_a_confidential_part_alone_is_submitted_from_the_list(client, update, officer):
    save(update, officer, "", exempt_text="The price.", exempt_paragraph=3)
    client.force_login(officer)
    assert client.post(PAGE, listed(version=1, text="", action="submit")).url == LIST
    assert fresh(update.report).submitted_at is not None


def test_what_is_wrong_is_said_on_the_page_of_the_update_with_all_that_is_saved(client, update, officer, contributor):
    save(update, officer, contributors=[contributor], exempt_text="The price.", exempt_paragraph=3)
    client.force_login(officer)
    page = client.post(PAGE, listed(version=1, text="Twelve homes.", forecast_date_day="31"))
    form = page.context["form"]
    assert "The date must include a month and a year" in words_of(page)
    assert (form["text"].value(), form["exempt_text"].value()) == ("Twelve homes.", "The price.")
    assert form["contributor_1"].value()[0] == contributor.title_and_name


def test_what_is_submitted_is_not_expected_on_a_day_that_has_passed(client, update, officer):
    client.force_login(officer)
    day = {"forecast_date_day": "31", "forecast_date_month": "3", "forecast_date_year": "2020"}
    page = client.post(PAGE, listed(version=0, text="Twelve homes.", action="submit") | day)
    assert "This day has passed. Say when you expect it now" in words_of(page)
    assert page.context["form"]["text"].value() == "Twelve homes."
    assert fresh(update.report).submitted_at is None
    # A draft may say so for now.
    assert client.post(PAGE, listed(version=0, text="Twelve homes.") | day).status_code == 302


def test_more_saves_and_opens_the_page_of_the_update(client, update, officer):
    client.force_login(officer)
    answer = client.post(PAGE, listed(version=0, text="Ten homes.", action="more"))
    assert answer.url == f"{PAGE}?links=1"
    assert fresh(update.report).text == "Ten homes."


def test_a_draft_of_either_page_is_whole_on_both(client, update, officer, contributor):
    save(update, officer, contributors=[contributor])
    client.force_login(officer)
    whole = typed(fresh(update.report), text="Eleven homes.", exempt_text="The price.", exempt_paragraph="3")
    client.post(f"{PAGE}autosave/", whole)
    page = client.get(LIST)
    (each,) = page.context["listed"]
    assert each.form["text"].value() == "Eleven homes."
    assert ("exempt_text", "The price.") in each.form.hidden_fields_of_draft()
    client.post(f"{PAGE}autosave/", listed(version=1, text="Twelve homes."))
    form = client.get(PAGE).context["form"]
    assert form["text"].value() == "Twelve homes."
    assert form["contributor_1"].value()[0] == contributor.title_and_name
    client.post(PAGE, {"action": "discard", "return_to": "updates"})
    assert not Draft.objects.exists()


def test_a_draft_of_an_older_version_is_shown_beside_what_is_saved(client, update, officer, clerk):
    save_draft(officer, PAGE, QueryDict("version=0&text=Eleven"), now=NOW)
    save(update, clerk, "Ten homes.")
    client.force_login(officer)
    page = client.get(LIST)
    assert "See both texts on 1a and 1b" in words_of(page)
    assert page.context["listed"][0].form is None


def test_a_returned_update_says_why(client, report, officer, cabinet_member, clerk):
    update = save(fresh(report), officer)
    progress.submit_update(update, version=1, by=officer, now=NOW)
    progress.close_updates(report, by=clerk, now=NOW)
    progress.return_update(update, note="How many homes?", by=cabinet_member, now=NOW)
    client.force_login(officer)
    words = words_of(client.get(LIST))
    assert "Councillor Ruth Adeyemi sent this back on 23 November 2026:" in words and "How many homes?" in words


def test_of_many_updates_those_that_are_begun_or_next_have_a_form(client, report, officer, clerk, monkeypatch):
    monkeypatch.setattr(officer_updates, "MOST_FORMS", 2)
    monkeypatch.setattr(officer_updates, "FORMS_OF_MORE", 1)
    lead(officer, clerk, "2", "10")
    client.force_login(officer)
    tenth = fresh(report, "10").get_absolute_url()

    def with_form(page):
        return [each.update.response.references for each in page.context["listed"] if each.form]

    page = client.get(LIST)
    assert with_form(page) == ["1a and 1b"]
    assert f'<a class="govuk-link" href="{tenth}">Write the update' in words_of(page)
    assert "3 are still to be written" in words_of(page)
    client.post(f"{tenth}autosave/", listed(version=0, text="Ten"))
    page = client.get(LIST)
    assert with_form(page) == ["10"]
    assert page.context["listed"][2].form["text"].value() == "Ten"
    client.post(tenth, listed(version=0, text="Ten homes.", action="submit"))
    page = client.get(LIST)
    assert with_form(page) == ["1a and 1b"]
    assert f'<a class="govuk-link" href="{tenth}">What was submitted' in words_of(page)


def test_a_long_recommendation_is_cut_between_words(report):
    recommendation = Response.objects.get(recommendations__reference="2").recommendations.get()
    recommendation.text = "That the council tells residents\n" + "again and again " * 8
    recommendation.save()
    assert fresh(report, "2").response.title == (
        "2: That the council tells residents again and again again and again again and again again and again again and…"
    )


def test_query_count(client, report, officer, clerk, django_assert_num_queries):
    client.force_login(officer)
    with django_assert_num_queries(8):
        assert len(references(client.get(LIST))) == 1
    lead(officer, clerk, "2", "10")
    with django_assert_num_queries(8):
        assert len(references(client.get(LIST))) == 3
    assert ProgressReport.objects.get().updates_due_on < TODAY

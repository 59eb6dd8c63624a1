"""Keeping records in the admin: through the actions, with history, and nothing typed is lost."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils.html import escape

from inquiries.choices import Decision
from inquiries.history_display import Change, changes_of
from inquiries.models import Committee, Entry, Holiday, Inquiry, Membership, Person, Recommendation, Response
from tests.cast import NOW
from tests.factories import make_meeting, make_report


def formset(prefix, *rows, initial=0):
    """What a browser sends for the rows of an inline."""
    sent = {f"{prefix}-TOTAL_FORMS": len(rows), f"{prefix}-INITIAL_FORMS": initial}
    for number, row in enumerate(rows):
        sent |= {f"{prefix}-{number}-{name}": value for name, value in row.items()}
    return sent


def address(name, page, *args):
    return reverse(f"admin:inquiries_{name}_{page}", args=args)


def problems(answer):
    """Every error on a page of the admin, as text."""
    context = answer.context
    found = [str(error) for errors in context["adminform"].form.errors.values() for error in errors]
    for inline in context["inline_admin_formsets"]:
        found += [str(error) for error in inline.formset.non_form_errors()]
        found += [str(e) for row in inline.formset.errors for errors in row.values() for e in errors]
    return found


PERSON = {"name": "Ann Blake", "job_title": "", "organisation": ""}
INQUIRY = {
    "title": "Warm Homes",
    "slug": "warm-homes",
    "summary": "",
    "completed_on": "",
    "completed_precision": "month",
    "completed_body": "",
    "received_on": "",
    "notice_on": "",
}
NO_ROWS = formset("recommendations") | formset("responses")
RESPONSE = {
    "answers": "1a, 1b",
    "decision": "accepted",
    "text": "One number will be used.",
    "reason": "",
    "responding_body": "Cabinet",
    "responded_on": "",
    "lead_officer": "",
    "cabinet_member": "",
    "target_date": "",
}


@pytest.fixture
def signed_in(client, clerk):
    client.force_login(clerk)
    return client


# People


def test_person_form_says_what_an_empty_address_means(signed_in):
    page = signed_in.get(address("person", "add")).content.decode()
    assert "Without an address a person can be named, as lead officer or contributor, but cannot sign in." in page


def test_adding_person_writes_history(signed_in, clerk):
    signed_in.post(address("person", "add"), PERSON)
    person = Person.objects.get(name="Ann Blake")
    assert (person.email, person.has_usable_password()) == (None, False)
    entry = Entry.objects.get()
    assert str(entry) == "Carys Whitlock added the person “Ann Blake”"
    assert (entry.by_id, entry.subject_id) == (clerk.pk, person.pk)


def test_changing_person_writes_before_and_after(signed_in, officer):
    signed_in.post(address("person", "change", officer.pk), PERSON)
    entry = Entry.objects.get()
    assert changes_of(entry) == [
        Change("Name", "Siân Llŷr-Ôwain", "Ann Blake"),
        Change("Job title", "Head of Customer Access", "nothing"),
    ]
    page = signed_in.get(address("person", "history", officer.pk)).content.decode()
    assert "Siân Llŷr-Ôwain" in page
    assert "changed the person “Ann Blake”" in page


def test_saving_without_a_change_leaves_no_history(signed_in, officer):
    same = PERSON | {"name": officer.name, "job_title": officer.job_title}
    assert signed_in.post(address("person", "change", officer.pk), same).status_code == 302
    assert not Entry.objects.exists()


def test_fields_set_by_actions_are_read_only(signed_in, officer):
    page = signed_in.get(address("person", "change", officer.pk)).content.decode()
    assert f'href="{reverse("clerk:person", args=[officer.pk])}"' in page
    assert "sian@wealdshire.example" in page
    typed = PERSON | {"email": "ann@wealdshire.example", "is_clerk": "on", "is_active": ""}
    signed_in.post(address("person", "change", officer.pk), typed)
    officer.refresh_from_db()
    assert (officer.name, officer.email, officer.is_clerk, officer.is_active) == (
        "Ann Blake",
        "sian@wealdshire.example",
        False,
        True,
    )


def test_leaver_record_is_read_only(signed_in, officer):
    Person.objects.filter(pk=officer.pk).update(is_active=False)
    assert signed_in.get(address("person", "change", officer.pk)).status_code == 200
    assert signed_in.post(address("person", "change", officer.pk), PERSON).status_code == 403


def test_autocomplete_offers_current_people_only(signed_in, officer, other_officer):
    Person.objects.filter(pk=officer.pk).update(is_active=False)
    asked = {"app_label": "inquiries", "model_name": "response", "field_name": "lead_officer", "term": "o"}
    offered = signed_in.get(reverse("admin:autocomplete"), asked).json()["results"]
    assert [one["text"] for one in offered] == ["Carys Whitlock", "Tom Okafor"]


# Holidays


def test_a_holiday_moves_deadlines_when_it_is_added_and_deleted(signed_in, clerk, inquiry, committee, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)
    report = make_report(inquiry, clerk, meeting=make_meeting(committee))
    signed_in.post(address("holiday", "add"), {"day": "2026-12-09", "name": "National mourning"})
    report.refresh_from_db()
    assert report.sign_off_due_on == date(2026, 11, 27)
    day = Holiday.objects.get()
    assert "added the holiday" in signed_in.get(address("holiday", "history", day.pk)).content.decode()
    again = signed_in.post(address("holiday", "add"), {"day": "2026-12-09", "name": "Once more"})
    assert "Holiday with this Day already exists." in again.content.decode()
    signed_in.post(address("holiday", "delete", day.pk), {"post": "yes"})
    report.refresh_from_db()
    assert (report.sign_off_due_on, Holiday.objects.count()) == (date(2026, 11, 30), 0)


# Committees


def test_seats_are_saved_with_their_history(signed_in, officer):
    seat = {"person": officer.pk, "role": "chair", "from_date": "2026-05-20", "until_date": ""}
    typed = {"name": "Health Select Committee", "slug": "health"} | formset("memberships", seat)
    signed_in.post(address("committee", "add"), typed)
    committee = Committee.objects.get()
    assert Membership.objects.get().committee == committee
    assert [e.sentence for e in Entry.objects.all()] == [
        "added the membership “Siân Llŷr-Ôwain, chair of Health Select Committee”",
        "added the committee “Health Select Committee”",
    ]
    page = signed_in.get(address("committee", "history", committee.pk)).content.decode()
    assert "added the membership" in page


def test_overlapping_seats_show_reason(signed_in, officer):
    seat = {"person": officer.pk, "role": "member", "from_date": "2026-05-20", "until_date": ""}
    typed = {"name": "Health Select Committee", "slug": "health"} | formset("memberships", seat, seat)
    answer = signed_in.post(address("committee", "add"), typed)
    assert problems(answer) == ["Siân Llŷr-Ôwain already sits on this committee since 20 May 2026."]
    assert 'value="Health Select Committee"' in answer.content.decode()
    assert not Committee.objects.exists()
    assert not Entry.objects.exists()


def test_rejects_seat_ending_before_start(signed_in, officer):
    seat = {"person": officer.pk, "role": "member", "from_date": "2026-05-20", "until_date": "2026-05-19"}
    typed = {"name": "Health Select Committee", "slug": "health"} | formset("memberships", seat)
    assert problems(signed_in.post(address("committee", "add"), typed)) == ["The end date is before the start date."]


def test_rejects_two_seats_on_same_days(signed_in, committee, member):
    first = committee.memberships.get()
    page = address("committee", "change", committee.pk)
    ended = {"id": first.pk, "committee": committee.pk, "role": "member", "from_date": "2025-05-20"}
    second = {"committee": committee.pk, "person": member.pk, "role": "chair", "from_date": "2026-05-20"}
    typed = {"name": committee.name, "slug": committee.slug}
    overlapping = formset("memberships", ended | {"until_date": "2026-05-20"}, second | {"until_date": ""}, initial=1)
    answer = signed_in.post(page, typed | overlapping)
    assert problems(answer) == [
        "Councillor Anwen Pritchard already sits on this committee from 20 May 2025 until 20 May 2026."
    ]
    assert Membership.objects.get().until_date is None
    following = formset("memberships", ended | {"until_date": "2026-05-19"}, second | {"until_date": ""}, initial=1)
    assert signed_in.post(page, typed | following).status_code == 302
    assert list(committee.memberships.order_by("from_date").values_list("role", "until_date")) == [
        ("member", date(2026, 5, 19)),
        ("chair", None),
    ]


def test_adds_and_corrects_portfolio(signed_in, cabinet_member, officer):
    held = cabinet_member.cabinet_seats.get()
    days = {"from_date": "2026-05-20", "until_date": "2026-06-30"}
    typed = {"person": cabinet_member.pk, "portfolio": " communities", **days}
    answer = signed_in.post(address("cabinetmember", "add"), typed)
    assert problems(answer) == ["Councillor Ruth Adeyemi already holds this portfolio since 20 May 2025."]
    typed = {"person": officer.pk, "portfolio": "Communities  and Housing", "from_date": "2025-05-20", "until_date": ""}
    assert signed_in.post(address("cabinetmember", "change", held.pk), typed).status_code == 302
    held.refresh_from_db()
    # Whose it is stands: another person is another seat.
    assert (held.person, held.portfolio) == (cabinet_member, "Communities and Housing")
    assert signed_in.post(address("cabinetmember", "add"), typed | {"portfolio": "Transport"}).status_code == 302
    assert Entry.objects.filter(verb="added", subject_type="cabinetmember").count() == 1


def test_deleted_seat_leaves_history(signed_in, committee, member):
    seat = committee.memberships.get()
    row = {"id": seat.pk, "committee": committee.pk, "person": member.pk, "role": "member", "from_date": "2025-05-20"}
    typed = {"name": committee.name, "slug": committee.slug} | formset("memberships", row | {"DELETE": "on"}, initial=1)
    assert signed_in.post(address("committee", "change", committee.pk), typed).status_code == 302
    assert not committee.memberships.exists()
    assert Entry.objects.get().verb == "deleted"


def test_rejects_deletion_of_referenced_record(signed_in, inquiry, committee):
    for name, record in (("committee", committee), ("inquiry", inquiry)):
        page = signed_in.post(address(name, "delete", record.pk), {"post": "yes"})
        assert page.status_code == 200
        assert "cannot be deleted" in page.content.decode()
        assert type(record).objects.filter(pk=record.pk).exists()


def test_deletes_unreferenced_record_with_history(signed_in, committee):
    assert signed_in.post(address("committee", "delete", committee.pk), {"post": "yes"}).status_code == 302
    assert not Committee.objects.exists()
    assert Entry.objects.get().sentence == "deleted the committee “Communities Select Committee”"


# Inquiries


def test_adds_inquiry_with_recommendations_and_response(signed_in, committee, officer, cabinet_member):
    typed = (
        INQUIRY
        | {"committee": committee.pk}
        | formset(
            "recommendations",
            {"reference": "1b", "text": "That the number stands on every bill."},
            {"reference": "1a", "text": "That there is one telephone number.\r\n\r\n- for everybody"},
            {"reference": "", "text": ""},
        )
        | formset(
            "responses",
            RESPONSE | {"lead_officer": officer.pk, "cabinet_member": cabinet_member.pk, "target_date": "2027-03-31"},
        )
    )
    assert signed_in.post(address("inquiry", "add"), typed).status_code == 302
    inquiry = Inquiry.objects.get()
    assert [r.reference for r in inquiry.recommendations.in_order()] == ["1a", "1b"]
    assert inquiry.recommendations.get(reference="1a").text == "That there is one telephone number.\n\n- for everybody"
    response = inquiry.responses.get()
    assert (response.references, response.lead_officer, response.cabinet_member) == (
        "1a and 1b",
        officer,
        cabinet_member,
    )
    assert (response.target_date, response.original_target_date) == (date(2027, 3, 31), date(2027, 3, 31))
    assert [e.sentence for e in Entry.objects.filter(inquiry_id=inquiry.pk)] == [
        "recorded the response to 1a, 1b: accepted",
        "added recommendation 1a",
        "added recommendation 1b",
        "added the inquiry “Warm Homes”",
    ]


def test_rejects_response_to_unknown_number(signed_in, committee):
    typed = (
        INQUIRY
        | {"committee": committee.pk}
        | formset("recommendations", {"reference": "1a", "text": "That there is one telephone number."})
        | formset("responses", RESPONSE | {"answers": "1a and 1c"})
    )
    answer = signed_in.post(address("inquiry", "add"), typed)
    responses = answer.context["inline_admin_formsets"][1].formset
    assert responses.errors == [{"answers": ["This inquiry has no recommendation 1c. Its numbers: 1a."]}]
    page = answer.content.decode()
    assert 'value="1a and 1c"' in page
    assert "One number will be used." in page
    assert "That there is one telephone number." in page
    assert not Inquiry.objects.exists()
    assert not Entry.objects.exists()


def test_response_not_accepted_needs_reason(signed_in, inquiry):
    typed = INQUIRY | {"committee": inquiry.committee_id} | formset("recommendations")
    typed |= formset("responses", RESPONSE | {"answers": "4", "decision": "not_accepted"})
    answer = signed_in.post(address("inquiry", "change", inquiry.pk), typed)
    assert "Give Cabinet's reason: it is needed unless a recommendation is accepted." in problems(answer)


def test_rejects_second_response(signed_in, inquiry):
    typed = INQUIRY | {"committee": inquiry.committee_id} | formset("recommendations")
    typed |= formset("responses", RESPONSE | {"answers": "2"})
    answer = signed_in.post(address("inquiry", "change", inquiry.pk), typed)
    assert problems(answer) == ["Recommendation 2 already has a response."]
    assert inquiry.responses.count() == 4


def test_the_page_of_an_inquiry_lists_its_recommendations(signed_in, inquiry, committee):
    page = signed_in.get(address("inquiry", "change", inquiry.pk)).content.decode()
    for one in inquiry.recommendations.all():
        assert f'<a href="{address("recommendation", "change", one.pk)}">{one.reference}</a>' in page
        assert escape(one.text) in page
    typed = INQUIRY | {"committee": committee.pk, "title": inquiry.title, "slug": inquiry.slug} | formset("responses")
    typed |= formset("recommendations", {"reference": "1A", "text": "That something is done."})
    answer = signed_in.post(address("inquiry", "change", inquiry.pk), typed)
    assert problems(answer) == ["This inquiry already has a recommendation 1A."]


@pytest.mark.parametrize(("first", "second"), [("1a", "1A"), ("R7", "r07")])
def test_rejects_duplicate_numbers(signed_in, committee, first, second):
    typed = INQUIRY | {"committee": committee.pk} | formset("responses")
    rows = [{"reference": number, "text": "That something is done."} for number in (first, second)]
    answer = signed_in.post(address("inquiry", "add"), typed | formset("recommendations", *rows))
    assert problems(answer) == [f"This inquiry already has a recommendation {second}."]


def test_rejects_existing_number(signed_in, inquiry):
    typed = {"inquiry": inquiry.pk, "reference": "1A", "text": "That something is done."}
    answer = signed_in.post(address("recommendation", "add"), typed)
    assert problems(answer) == ["This inquiry already has a recommendation with this number."]


def test_inquiry_page_cannot_rewrite_records(signed_in, inquiry):
    rows = [
        {"id": r.pk, "inquiry": inquiry.pk, "reference": "99", "text": "Nothing at all.", "DELETE": "on"}
        for r in inquiry.recommendations.all()
    ]
    answers = [
        {"id": r.pk, "inquiry": inquiry.pk, "answers": "1a", "decision": "deferred", "text": "No.", "DELETE": "on"}
        for r in inquiry.responses.all()
    ]
    facts = {
        "published_at_0": "2026-11-01",
        "published_at_1": "10:00",
        "published_by": "1",
        "published_at": "2026-11-01",
    }
    typed = INQUIRY | facts | {"committee": inquiry.committee_id, "title": inquiry.title, "slug": inquiry.slug}
    typed |= formset("recommendations", *rows, initial=len(rows)) | formset("responses", *answers, initial=len(answers))
    before = list(Recommendation.objects.values()), list(Response.objects.values())
    # What is sent as there already counts as new: recommendations of one number, responses to what has been answered.
    nothing = formset("recommendations") | formset("responses")
    for sent, status in ((typed, 200), (typed | formset("responses"), 200), (typed | nothing, 302)):
        assert signed_in.post(address("inquiry", "change", inquiry.pk), sent).status_code == status
        assert (list(Recommendation.objects.values()), list(Response.objects.values())) == before
    inquiry.refresh_from_db()
    assert inquiry.published_at is None


def test_deletes_only_untouched_recommendation(signed_in, inquiry):
    typed = {"inquiry": inquiry.pk, "reference": "11", "text": "That something is done."}
    signed_in.post(address("recommendation", "add"), typed)
    mistyped = inquiry.recommendations.get(reference="11")
    assert signed_in.post(address("recommendation", "delete", mistyped.pk), {"post": "yes"}).status_code == 302
    assert not Recommendation.objects.filter(pk=mistyped.pk).exists()
    for reference in ("1a", "4"):
        kept = inquiry.recommendations.get(reference=reference)
        assert signed_in.post(address("recommendation", "delete", kept.pk), {"post": "yes"}).status_code == 403


def test_public_inquiry_keeps_slug(signed_in, inquiry, clerk):
    make_report_public = reverse("admin:inquiries_inquiry_change", args=[inquiry.pk])
    typed = INQUIRY | {"committee": inquiry.committee_id, "title": inquiry.title, "slug": "another"} | NO_ROWS
    signed_in.post(make_report_public, typed)
    inquiry.refresh_from_db()
    assert inquiry.slug == "another"
    Inquiry.objects.filter(pk=inquiry.pk).update(published_at="2026-11-01T09:00Z", published_by=clerk)
    signed_in.post(make_report_public, typed | {"slug": "third"})
    inquiry.refresh_from_db()
    assert inquiry.slug == "another"


def test_rejects_file_that_is_no_pdf(signed_in, committee, tmp_path):
    paper = tmp_path / "paper.pdf"
    paper.write_bytes(b"not a PDF")
    with paper.open("rb") as upload:
        answer = signed_in.post(
            address("inquiry", "add"), INQUIRY | NO_ROWS | {"committee": committee.pk, "report_file": upload}
        )
    assert problems(answer) == [
        "This is a plain text file, not a PDF. Open it in Word, save it as PDF and upload that."
    ]
    assert 'value="Warm Homes"' in answer.content.decode()


# Responses


def correction(response, **typed):
    return {
        "answers": ", ".join(r.reference for r in response.recommendations.all()),
        "decision": response.decision,
        "text": response.text,
        "reason": response.reason,
        "responding_body": response.responding_body,
        "lead_officer": response.lead_officer_id or "",
        "cabinet_member": response.cabinet_member_id or "",
        **formset("target_date_changes"),
        **typed,
    }


def test_adds_response(signed_in, inquiry):
    signed_in.post(
        address("recommendation", "add"), {"inquiry": inquiry.pk, "reference": "11", "text": "That it is done."}
    )
    typed = RESPONSE | {"inquiry": inquiry.pk, "answers": "4, 11"}
    assert signed_in.post(address("response", "add"), typed).status_code == 302
    assert inquiry.recommendations.get(reference="11").response.references == "4 and 11"


def test_corrects_response(signed_in, inquiry, contributor):
    response = inquiry.recommendations.get(reference="2").response
    typed = correction(response, text="Three times a year.", lead_officer=contributor.pk)
    assert signed_in.post(address("response", "change", response.pk), typed).status_code == 302
    response.refresh_from_db()
    assert (response.text, response.lead_officer) == ("Three times a year.", contributor)
    assert changes_of(Entry.objects.about(response)[0]) == [
        Change("Response and actions", "Twice a year.", "Three times a year."),
        Change("Lead officer", "Tom Okafor", "Priya Nair"),
    ]


def test_corrects_recommendations_of_response(signed_in, inquiry):
    response = inquiry.recommendations.get(reference="1a").response
    signed_in.post(address("response", "change", response.pk), correction(response, answers="1a"))
    assert inquiry.recommendations.get(reference="1b").response is None
    answer = signed_in.post(address("response", "change", response.pk), correction(response, answers="1a, 2"))
    assert problems(answer) == ["Recommendation 2 already has a response."]
    assert changes_of(Entry.objects.about(response)[0]) == [Change("Recommendations", "1a and 1b", "1a")]


def test_decision_and_numbers_are_fixed_after_commissioning(signed_in, inquiry, clerk):
    make_report(inquiry, clerk)
    response = inquiry.recommendations.get(reference="1a").response
    typed = correction(response, answers="1a", decision=Decision.DEFERRED, reason="Later.", target_date="2030-01-01")
    assert signed_in.post(address("response", "change", response.pk), typed).status_code == 302
    response.refresh_from_db()
    assert (response.references, response.decision, response.reason) == ("1a and 1b", Decision.ACCEPTED, "Later.")
    assert (response.target_date, response.original_target_date) == (None, None)

"""Two clerks with the same form open: a change to other fields is merged, the same field shows both."""

from copy import deepcopy
from datetime import date
from types import SimpleNamespace

import pytest
from django.test import Client
from django.urls import reverse

from inquiries.actions import inquiries, meetings
from inquiries.actions.programme import add_entry, save_standing_items
from inquiries.actions.responses import record_response
from inquiries.choices import ItemKind
from inquiries.forms.changes import ChangeForm
from inquiries.govuk import DatePartsInput, PersonInput
from inquiries.models import CabinetMember, CouncilSettings, MailWording, Membership
from inquiries.urls import clerk_urls
from tests.at_once import at_once
from tests.cast import NOW, person
from tests.factories import make_meeting, make_officer_report, make_received, make_report
from tests.replay import replayed


def day(name, year, month, number):
    return {f"{name}_day": str(number), f"{name}_month": str(month), f"{name}_year": str(year)}


# Of each form that changes a record: which record; what one clerk and the other enter in different fields, with what is
# recorded then; and two entries in the same field, with how the first is shown to the second.
FORMS = {
    "change_person": (
        "officer",
        [{"job_title": "Head of Housing"}, {"organisation": "Wealdshire Homes"}],
        {"job_title": "Head of Housing", "organisation": "Wealdshire Homes"},
        [{"name": "Siân Llŷr"}, {"name": "Siân Ôwain"}, "Siân Llŷr"],
    ),
    "change_meeting": (
        "meeting",
        [{"venue": "Mezzanine Room 5"}, {"time": "15:00"}],
        {"venue": "Mezzanine Room 5", "start": "15:00"},
        [{"time": "15:00"}, {"time": "16:00"}, "15 December 2036 at 15:00"],
    ),
    "change_item": (
        "item",
        [{"title": "Roads"}, {"to_follow": "on"}],
        {"title": "Roads", "to_follow": True},
        [{"to_follow": "on", "title": "Roads"}, {"title": "Rivers"}, "Roads"],
    ),
    "change_entry": (
        "programme_entry",
        [{"title": "Buses and trains"}, {"contact": "Tom Okafor"}],
        {"title": "Buses and trains", "contact": "Tom Okafor"},
        [{"title": "Trains"}, {"title": "Trams"}, "Trains"],
    ),
    "standing_items": (
        "committee",
        [{"start": "Apologies"}, {"end": "Date of next meeting"}],
        {},
        [{"start": "Apologies"}, {"start": "Declarations"}, "Apologies"],
    ),
    "change_paper": (
        "paper",
        [{"title": "Figures of roads"}, {"exempt_paragraph": "3"}],
        {"title": "Figures of roads", "exempt_paragraph": 3},
        [{"exempt_paragraph": "3"}, {"exempt_paragraph": "5"}, "Exempt: "],
    ),
    "change_officer_report": (
        "officer_report",
        [{"title": "Roads"}, {"exempt_paragraph": "3"}],
        {"title": "Roads", "exempt_paragraph": 3},
        [{"title": "Roads"}, {"title": "Rivers"}, "Roads"],
    ),
    "change_seat": (
        "seat",
        [{"role": "substitute"}, day("until_date", 2036, 12, 1)],
        {"role": "substitute", "until_date": date(2036, 12, 1)},
        [{"role": "substitute"}, {"role": "co_opted"}, "Substitute"],
    ),
    "change_portfolio": (
        "portfolio",
        [{"portfolio": "Housing"}, day("until_date", 2036, 12, 1)],
        {"portfolio": "Housing", "until_date": date(2036, 12, 1)},
        [day("until_date", 2036, 12, 1), day("until_date", 2036, 12, 2), "1 December 2036"],
    ),
    "end_seat": (
        "seat",
        None,
        None,
        [day("until_date", 2036, 12, 2), day("until_date", 2036, 12, 1), "2 December 2036"],
    ),
    "end_portfolio": (
        "portfolio",
        None,
        None,
        [day("until_date", 2036, 12, 2), day("until_date", 2036, 12, 1), "2 December 2036"],
    ),
    "reschedule": (
        "report",
        [day("update_date", 2036, 12, 15), day("sign_off_due_on", 2036, 11, 17)],
        {"update_date": date(2036, 12, 15), "sign_off_due_on": date(2036, 11, 17)},
        [
            {"cabinet_members": ["{successor}"]},
            {"cabinet_members": ["{successor}", "{cabinet_member}"]},
            "Idris Vaughan",
        ],
    ),
    "settings": (
        "settings",
        [{"update_days_after": "3"}, {"report_months": "6, 18"}],
        {"update_days_after": 3, "report_months": [6, 18]},
        [{"report_months": "6, 18"}, {"report_months": "4"}, "6, 18"],
    ),
    "wording": (
        "wording",
        [{"subject": "Please: {what}"}, {"opening": "This is to be done:"}],
        {"subject": "Please: {what}", "opening": "This is to be done:"},
        [{"subject": "Please: {what}"}, {"subject": "Do: {what}"}, "Please: {what}"],
    ),
    "change_target_date": (
        "response",
        None,
        None,
        [
            day("target_date", 2036, 12, 1) | {"reason": "Late."},
            day("target_date", 2036, 12, 2) | {"reason": "Later."},
            "1 December 2036",
        ],
    ),
    "change_inquiry": (
        "inquiry",
        [{"title": "Warm homes"}, day("received_on", 2026, 6, 1)],
        {"title": "Warm homes", "received_on": date(2026, 6, 1)},
        [{"title": "Warm homes"}, {"title": "Warmth"}, "Warm homes"],
    ),
    "correct_recommendation": (
        "recorded_recommendation",
        [{"reference": "1a"}, {"text": "That all is done."}],
        {"reference": "1a", "text": "That all is done."},
        [{"text": "That more is done."}, {"text": "That all is done."}, "That more is done."],
    ),
    "correct_response": (
        "recorded_response",
        [{"text": "Agreed, mostly."}, day("target_date", 2036, 12, 1)],
        {"text": "Agreed, mostly.", "target_date": date(2036, 12, 1)},
        [{"text": "Agreed, mostly."}, {"text": "Agreed, all."}, "Agreed, mostly."],
    ),
    "reword_recommendation": (
        "recommendation",
        None,
        None,
        [{"text": "That more is done.", "reason": "A."}, {"text": "That all is done.", "reason": "B."}, "That more is"],
    ),
}
OTHERS = {
    "read, or sent by one button": {
        *("import_preview", "agenda", "people", "person", "manage", "pack", "pack_progress"),
        *("record_inquiry", "check_inquiry", "autosave_recommendations", "autosave_responses"),
        *("remind", "tracker_import", "held_work", "programme", "add_programme_paper", "resume_entry"),
        *("minutes", "draft_minutes", "resolutions_file"),
        *("remind", "tracker_import", "held_work", "officer_report", "remind_officer_report"),
        *("front_sheet", "reprint_item", "people_template", "export_person", "build_pack", "move_item", "move_paper"),
    },
    "make something new": {
        *("import_upload", "import_people", "commission", "commission_meeting", "call_meeting"),
        *("add_item", "add_paper", "replace_paper", "add_entry", "agenda_proposals"),
        *("recommendations", "add_recommendations", "responses", "add_responses", "import_tracker"),
        *("invite", "give_seat", "give_portfolio", "clear_words", "check_pack", "commission_officer_report"),
    },
    "take a step, and are refused where it has been taken": {
        *(
            "publish_inquiry",
            "withdraw_inquiry",
            "close_updates",
            "record_sign_off",
            "decide_more_time",
            "decide_report_more_time",
            "move_officer_report",
            "record_report_sign_off",
            "reopen_officer_report",
            "cancel_officer_report",
            "write_letter",
            "letter",
            "publish_no_response",
            "withdraw_no_response",
            "publish",
            "reopen",
        ),
        *("evidence_files", "finish_entry", "drop_entry"),
        *("add_signed_minutes", "withdraw_edition", "withdraw_signed"),
        *("cancel_meeting", "remove_item", "remove_paper", "publish_pack", "unplan_pack", "withdraw_pack"),
        *("delete_inquiry", "delete_recommendation", "remove_response"),
        *("end_recommendation", "end_recommendations", "resume_recommendation"),
        *("send_invitation", "record_leaver", "record_return"),
        *("merge_person", "erase_person", "end_sessions", "reset_second_factor", "allow_second_factor"),
    },
    "are compared field by field, in test_clerk_minutes.py": {"attendance", "outcomes"},
    "carry a mark of all that they show": {
        *("people_import", "tracker_sheet", "tracker_columns", "tracker_values", "change_recommendations"),
        *("correct_responses", "publish_minutes"),
    },
}


@pytest.fixture
def colleague(db):
    return person("Dafydd Pryce", "dafydd@wealdshire.example", is_clerk=True)


@pytest.fixture
def records(inquiry, committee, clerk, officer, cabinet_member, stranger):
    return make_records(inquiry, committee, clerk, officer, cabinet_member, stranger)


@replayed
def make_records(inquiry, committee, clerk, officer, cabinet_member, stranger):
    meeting = make_meeting(committee, date(2036, 12, 15))
    item = meetings.add_item(meeting, title="Budget", kind=ItemKind.PAPERS, by=clerk, now=NOW)
    successor = person("Idris Vaughan")
    CabinetMember.objects.create(person=successor, portfolio="Finance", from_date=date(2026, 5, 1))
    recommendation = inquiry.recommendations.get(reference="2")
    new = inquiries.add_inquiry(committee=committee, title="Buses", by=clerk, now=NOW)
    added = inquiries.add_recommendation(new, reference="1", text="That it is done.", by=clerk, now=NOW)
    accepted = {"recommendations": [added], "decision": "accepted", "text": "Agreed."}
    save_standing_items(committee, start="Apologies for absence", end="Work programme", by=clerk, now=NOW)
    return {
        "inquiry": inquiry,
        "committee": committee,
        "programme_entry": add_entry(committee, title="Buses", by=clerk, now=NOW),
        "recorded_recommendation": added,
        "recorded_response": record_response(new, **accepted, by=clerk, now=NOW),
        "officer": officer,
        "meeting": meeting,
        "item": item,
        "paper": meetings.add_paper(item, make_received(), title="Figures", by=clerk, now=NOW),
        "officer_report": make_officer_report(meeting, clerk, author=officer, cabinet_member=successor),
        "seat": Membership.objects.create(
            person=stranger, committee=committee, role="member", from_date=date(2026, 5, 1)
        ),
        "portfolio": cabinet_member.cabinet_seats.get(),
        "report": make_report(inquiry, clerk),
        "settings": CouncilSettings.objects.create(),
        "wording": MailWording.objects.create(occasion="reminder", subject="Do this: {what}", opening="Do it:"),
        "recommendation": recommendation,
        "response": recommendation.response,
        "cabinet_member": cabinet_member,
        "successor": successor,
    }


@pytest.fixture
def form(request, records):
    """The form by its address: its record, and what is entered as in FORMS."""
    kind, different, together, same = deepcopy(FORMS[request.param])
    record = records[kind]
    if kind == "report":
        where = reverse("clerk:reschedule", args=[record.inquiry.slug, record.months_on])
    elif kind == "settings":
        where = reverse("clerk:settings")
    elif kind == "wording":
        where = reverse("clerk:wording", args=[record.occasion])
    elif kind in ("inquiry", "committee"):
        where = reverse(f"clerk:{request.param}", args=[record.slug])
    elif kind in ("item", "paper"):
        where = reverse(f"clerk:{request.param}", args=[records["meeting"].pk, record.pk])
    elif kind in ("seat", "portfolio"):
        where = reverse(f"clerk:{request.param}", args=[record.person_id, record.pk])
    else:
        where = reverse(f"clerk:{request.param}", args=[record.pk])
    keys = {name: one.pk for name, one in records.items()}
    for entered in same[:2]:
        for name, value in entered.items():
            if isinstance(value, list):
                entered[name] = [str(one).format(**keys) for one in value]
    return SimpleNamespace(where=where, record=record, different=different, together=together, same=same)


@pytest.fixture
def windows(clerk, colleague):
    """The browsers of two clerks."""
    found = [Client(), Client()]
    for window, who in zip(found, (clerk, colleague), strict=True):
        window.force_login(who)
    return found


def sent_by_browser(response):
    """What a browser sends when nothing is changed in the form on the page."""
    form, sent = response.context["form"], {"action": "save"}
    for field in form:
        value = field.value()
        if isinstance(field.field.widget, DatePartsInput):
            parts = value if isinstance(value, list) else field.field.widget.decompress(value)
            sent |= {f"{field.name}_{part}": one for part, one in zip(("day", "month", "year"), parts, strict=True)}
        elif isinstance(field.field.widget, PersonInput):
            sent[field.name], sent[f"{field.name}_key"] = field.field.widget.decompress(value)
        elif isinstance(value, list):
            sent[field.name] = [str(getattr(one, "pk", one)) for one in value]
        elif value is not None and value is not False:
            sent[field.name] = "on" if value is True else getattr(value, "pk", value)
    return sent


def recorded(record, name):
    record.refresh_from_db()
    value = getattr(record, name)
    return f"{value.hour:02}:{value.minute:02}" if name == "start" else value


def errors(response):
    return " ".join(message for message, _ in response.context["form"].error_summary())


def with_two_fields(forms):
    return [name for name, (_, different, _, _) in forms.items() if different]


@pytest.mark.parametrize("form", with_two_fields(FORMS), indirect=True)
@pytest.mark.django_db
def test_changes_of_different_fields_are_merged(form, windows):
    pages = [sent_by_browser(window.get(form.where)) for window in windows]
    for window, page, changes in zip(windows, pages, form.different, strict=True):
        answer = window.post(form.where, page | changes)
        assert answer.status_code == 302, errors(answer)
    assert {name: recorded(form.record, name) for name in form.together} == form.together


@pytest.mark.parametrize("form", FORMS, indirect=True)
@pytest.mark.django_db
def test_changes_of_the_same_field_show_both(form, windows):
    theirs, mine, shown = form.same
    pages = [sent_by_browser(window.get(form.where)) for window in windows]
    assert windows[0].post(form.where, pages[0] | theirs).status_code == 302
    saved = type(form.record).objects.filter(pk=form.record.pk).values().get()
    answer = windows[1].post(form.where, pages[1] | mine)
    assert answer.status_code == 200
    assert f"Carys Whitlock changed this to “{shown}" in errors(answer)
    assert "What you entered is not saved: save again to replace it." in errors(answer)
    assert type(form.record).objects.filter(pk=form.record.pk).values().get() == saved
    # Nothing of it is lost, and saving once more replaces the other's.
    again = sent_by_browser(answer)
    assert {name: again[name] for name in mine} == mine
    answer = windows[1].post(form.where, again)
    assert answer.status_code == 302, errors(answer)


@pytest.mark.parametrize("form", FORMS, indirect=True)
@pytest.mark.django_db(transaction=True)
def test_saves_at_the_same_moment_never_overwrite_each_other(form, windows):
    pages = [sent_by_browser(window.get(form.where)) for window in windows]
    answers = at_once(
        *(
            lambda window=window, sent=page | changes: window.post(form.where, sent)
            for window, page, changes in zip(windows, pages, form.same, strict=False)
        )
    )
    assert sorted(answer.status_code for answer in answers) == [200, 302]
    (refused,) = (answer for answer in answers if answer.status_code == 200)
    assert "changed this to" in errors(refused)


@pytest.mark.parametrize("form", with_two_fields(FORMS), indirect=True)
@pytest.mark.django_db
def test_marks_that_no_page_wrote_are_refused(form, windows):
    page = sent_by_browser(windows[0].get(form.where))
    answer = windows[0].post(form.where, page | form.different[0] | {"based_on": "{[" * 5000})
    assert "This page came back incomplete. Open it again and try again." in errors(answer)


def test_every_form_of_the_clerk_is_here():
    others = set().union(*OTHERS.values())
    assert {address.name for address in clerk_urls} == FORMS.keys() | others
    assert not FORMS.keys() & others


def test_every_form_that_carries_marks_is_here():
    def below(form):
        return {form.__name__}.union(*(below(one) for one in form.__subclasses__()))

    about_new = {"CallMeetingForm", "AddItemForm", "InviteForm", "GiveSeatForm", "CommissionReportForm"}
    shared = {"ChangeForm", "ItemForm", "DatesForm", "TermForm", "SettledForm"}
    changing = {"MeetingForm", "ChangeItemForm", "ChangePaperForm", "PersonForm", "ChangeSeatForm", "PortfolioForm"}
    changing |= {"EndForm", "RescheduleForm", "TargetDateForm", "RewordForm"}
    changing |= {"InquiryForm", "CorrectRecommendationForm", "CorrectResponseForm"}
    changing |= {"SettingsForm", "WordingForm", "EntryForm", "StandingItemsForm"}
    # Tried in tests/views/test_action_points.py.
    changing |= {"ActionPointForm"}
    changing |= {"AttendanceForm", "OutcomesForm", "ChangeReportForm"}
    assert below(ChangeForm) == about_new | shared | changing

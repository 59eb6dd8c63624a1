"""Every invariant that the database holds is broken once, and the database refuses."""

from datetime import date, timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import CheckConstraint, UniqueConstraint

from inquiries import models
from inquiries.choices import Stage
from tests import factories
from tests.cast import NOW
from tests.replay import replayed

CONSTRAINTS = {
    constraint.name: model
    for model in apps.get_app_config("inquiries").get_models()
    for constraint in model._meta.constraints
}
PAIRED = {name for name in CONSTRAINTS if name.endswith("_at_and_by")}


@pytest.fixture
def world(committee, clerk, officer, cabinet_member, chair, member):
    make_world(committee, clerk, officer, cabinet_member, chair, member)


@replayed
def make_world(committee, clerk, officer, cabinet_member, chair, member):
    """One row of every table that has a constraint."""
    inquiry = factories.make_inquiry(committee, clerk, officer=officer, cabinet_member=cabinet_member)
    meeting = factories.make_meeting(committee)
    report = factories.make_report(inquiry, clerk, at=Stage.SIGNED_OFF, meeting=meeting)
    models.ProgressReport.objects.update(published_at=NOW, published_by=clerk)
    models.ReportEdition.objects.create(
        report=report, number=1, content={}, pdf="a.pdf", docx="a.docx", published_at=NOW, published_by=clerk
    )
    update = report.updates.first()
    models.UpdateContributor.objects.create(update=update, person=officer)
    models.MoreTimeRequest.objects.create(
        update=update, wanted_until=date(2026, 11, 30), reason="Leave.", asked_at=NOW, asked_by=officer
    )
    models.Evidence.objects.create(update=update, title="The page", url="https://www.wealdshire.example/")
    models.EvidenceFile.objects.create(
        update=update, title="List", file="a.pdf", page_count=1, uploaded_at=NOW, uploaded_by=clerk
    )
    assessment = models.Assessment.objects.create(update=update, rating=1, recorded_at=NOW, recorded_by=chair)
    models.AssessmentCorrection.objects.create(
        assessment=assessment, rating_before=2, reason="Misheard.", corrected_at=NOW, corrected_by=clerk
    )
    models.ActionPoint.objects.create(
        update=update, text="Do it.", owner=officer, due_on=NOW.date(), set_at=NOW, set_by=chair
    )
    models.Indication.objects.create(update=update, rating=1, recorded_at=NOW, recorded_by=member)
    models.TargetDateChange.objects.create(
        response=inquiry.responses.first(), new_date=NOW.date(), reason="Staff left.", changed_at=NOW, changed_by=clerk
    )
    models.ResponseLetter.objects.create(
        inquiry=inquiry,
        step="first",
        addressed_to="The Leader",
        salutation="Dear Leader",
        body="Please respond.",
        sent_on=NOW.date(),
        sent_at=NOW,
        sent_by=clerk,
    )
    item = models.AgendaItem.objects.create(meeting=meeting, number=7, title="Progress", kind="report", report=report)
    paper = models.AgendaDocument.objects.create(
        item=item, title="Paper", file="p.pdf", page_count=1, uploaded_at=NOW, uploaded_by=clerk
    )
    pack = models.AgendaPack.objects.create(
        meeting=meeting, edition="public", file="pack.pdf", content={}, built_at=NOW, built_by=clerk
    )
    models.Minutes.objects.create(meeting=meeting, attendance_at=NOW, attendance_by=clerk)
    models.Attendance.objects.create(meeting=meeting, person=chair, present_as="member")
    models.DeclarationOfInterest.objects.create(meeting=meeting, person=chair, nature="A governor.")
    models.ItemOutcome.objects.create(item=item, text="Noted.", recorded_at=NOW, recorded_by=clerk)
    models.MinutesEdition.objects.create(meeting=meeting, number=1, content={}, published_at=NOW, published_by=clerk)
    models.SignedMinutes.objects.create(meeting=meeting, file="s.pdf", page_count=1, uploaded_at=NOW, uploaded_by=clerk)
    models.PackEntry.objects.create(pack=pack, item=item, first_page=15, last_page=20)
    models.PackPaper.objects.create(pack=pack, document=paper, first_page=15)
    models.PackPlan.objects.create(meeting=meeting)
    models.Clearance.objects.create(
        meeting=meeting, text="Moore", reason="She is named on the web.", cleared_at=NOW, cleared_by=clerk
    )
    models.TickedFinding.objects.create(
        meeting=meeting, key="0" * 64, message="Dates.", reason="They are right.", ticked_at=NOW, ticked_by=clerk
    )
    models.StandingItem.objects.create(committee=committee, title="Apologies", position=1)
    models.ProgrammeEntry.objects.create(committee=committee, title="Buses", month=date(2027, 3, 1))
    officer_report = models.OfficerReport.objects.create(
        item=item, title="Contact centre", author=officer, commissioned_at=NOW, commissioned_by=clerk
    )
    models.OfficerReportContributor.objects.create(report=officer_report, person=clerk)
    models.OfficerReportSignature.objects.create(report=officer_report, role="director", person=officer)
    models.OfficerReportPicture.objects.create(
        report=officer_report, name="picture-1.png", alternative_text="A chart", file="a.png", width=1, height=1,
        uploaded_at=NOW, uploaded_by=clerk,
    )  # fmt: skip
    models.ReportImport.objects.create(file_name="a.docx", draft={}, uploaded_at=NOW, uploaded_by=clerk)
    models.PeopleImport.objects.create(file_name="a.csv", rows=[], uploaded_at=NOW, uploaded_by=clerk)
    models.TrackerImport.objects.create(file_name="a.xlsx", sheets=[], uploaded_at=NOW, uploaded_by=clerk)
    models.ColumnMatching.objects.create(headings="0" * 64, matching={}, saved_at=NOW, saved_by=clerk)
    models.PersonalValue.objects.create(person=officer, entry_id=1, field="email", after="sian@wealdshire.example")
    factories.make_former_council()
    models.CouncilSettings.objects.create(report_months=[6, 12])
    models.MailWording.objects.create(occasion="reminder", subject="Reminder", opening="Please:")
    models.Holiday.objects.create(day=date(2026, 9, 19), name="National mourning")
    models.Restoration.objects.create(restored_on=NOW, backup_made_on=NOW)
    models.Draft.objects.create(person=officer, address="/", data={}, updated_at=NOW)


def copy_of(model, **changes):
    """Try to store a second row like the first, but for `changes`."""
    row = model.objects.first()
    row.pk = None
    for field, value in changes.items():
        setattr(row, field, value)
    row._state.adding = True
    row.save(force_insert=True)


def update(model, **values):
    model.objects.filter(pk=model.objects.first().pk).update(**values)


BREAKS = {
    "person_email_once": lambda m: copy_of(m, email=m.objects.first().email.upper()),
    "person_has_a_name": lambda m: update(m, name=""),
    "person_email_is_never_empty_text": lambda m: update(m, email=""),
    "person_news_emails_are_known": lambda m: update(m, news_emails="weekly"),
    "person_is_not_their_own_director": lambda m: update(m, director=m.objects.first()),
    "person_who_left_is_not_active": lambda m: update(m, left_at=NOW, left_by=m.objects.first()),
    "person_merged_says_into_whom": lambda m: update(
        m, is_active=False, email=None, merged_at=NOW, merged_by=m.objects.first()
    ),
    "person_erased_cannot_sign_in": lambda m: update(m, erased_at=NOW, erased_by=m.objects.first()),
    "personal_value_once": copy_of,
    "column_matching_once_per_headings": copy_of,
    "draft_once_per_person_and_address": copy_of,
    "cabinet_member_ends_after_it_starts": lambda m: update(m, until_date=NOW.date() - timedelta(days=9999)),
    "cabinet_member_holds_a_portfolio_once": copy_of,
    "membership_role_is_known": lambda m: update(m, role="king"),
    "membership_ends_after_it_starts": lambda m: update(m, until_date=NOW.date() - timedelta(days=9999)),
    "membership_once_at_a_time": copy_of,
    "inquiry_completed_precision_is_known": lambda m: update(m, completed_precision="year"),
    "holiday_has_a_name": lambda m: update(m, name=""),
    "inquiry_slug_is_not_new": lambda m: update(m, slug="new"),
    "inquiry_has_a_title": lambda m: update(m, title=""),
    "recommendation_reference_once_in_inquiry": lambda m: copy_of(m, reference=m.objects.first().reference.upper()),
    "recommendation_ended_as_is_known": lambda m: m.objects.exclude(ended_as="").update(ended_as="forgotten"),
    "recommendation_end_is_complete": lambda m: m.objects.exclude(ended_as="").update(ended_reason=""),
    "recommendation_has_text": lambda m: update(m, text=""),
    "response_decision_is_known": lambda m: update(m, decision="perhaps", reason="Why not."),
    "response_reason_unless_accepted": lambda m: update(m, decision="deferred", reason=""),
    "response_target_date_keeps_its_original": lambda m: update(m, target_date=NOW.date()),
    "target_date_change_has_a_reason": lambda m: copy_of(m, reason=""),
    "target_date_change_changes_something": lambda m: copy_of(m, old_date=m.objects.first().new_date),
    "meeting_once_at_a_time": copy_of,
    "agenda_item_number_once_in_meeting": copy_of,
    "standing_item_position_once": copy_of,
    "standing_item_has_a_title": lambda m: update(m, title=""),
    "programme_entry_has_a_title": lambda m: update(m, title=""),
    "programme_entry_kind_is_known": lambda m: update(m, kind="party"),
    "programme_entry_has_one_time": lambda m: update(m, meeting=models.Meeting.objects.first()),
    "programme_entry_month_is_its_first_day": lambda m: update(m, month=date(2027, 3, 2)),
    "programme_entry_dropped_has_a_reason": lambda m: update(
        m, dropped_at=NOW, dropped_by=models.Person.objects.first()
    ),
    "ticked_finding_once": copy_of,
    "ticked_finding_has_a_reason": lambda m: update(m, reason=""),
    "agenda_item_kind_is_known": lambda m: update(m, kind="song", report=None),
    "agenda_item_is_report_papers_or_nothing": lambda m: update(m, kind="papers"),
    "agenda_document_exempt_paragraph_is_known": lambda m: update(m, exempt_paragraph=12),
    "action_point_has_a_text": lambda m: update(m, text=""),
    "action_point_done_has_a_note": lambda m: update(m, done_at=NOW, done_by=models.Person.objects.first()),
    "agenda_item_has_a_title": lambda m: update(m, title=""),
    "agenda_document_tagging_is_known": lambda m: update(m, tagging="perhaps"),
    "evidence_file_has_a_title": lambda m: update(m, title=""),
    "evidence_file_removed_is_not_allowed": lambda m: update(
        m, removed_at=NOW, removed_by=models.Person.objects.first(),
        allowed_at=NOW, allowed_by=models.Person.objects.first(),
    ),
    "evidence_file_is_there_until_removed": lambda m: update(m, file=""),
    "attendance_present_as_is_known": lambda m: update(m, present_as="visitor"),
    "attendance_presence_is_known": lambda m: update(m, presence="asleep"),
    "attendance_once_per_person": copy_of,
    "attendance_names_a_person": lambda m: update(m, person=None),
    "declaration_has_its_nature": lambda m: update(m, nature=""),
    "item_outcome_exempt_paragraph_is_known": lambda m: update(m, exempt_paragraph=12),
    "item_outcome_exempt_part_names_its_paragraph": lambda m: update(m, exempt_text="A name."),
    "minutes_edition_number_once": copy_of,
    "minutes_edition_correction_has_a_reason": lambda m: copy_of(m, number=2),
    "minutes_edition_withdrawn_has_a_reason": lambda m: update(
        m, withdrawn_at=NOW, withdrawn_by=models.Person.objects.first()
    ),
    "signed_minutes_once": copy_of,
    "signed_minutes_withdrawn_has_a_reason": lambda m: update(
        m, withdrawn_at=NOW, withdrawn_by=models.Person.objects.first()
    ),
    "agenda_document_has_pages": lambda m: update(m, page_count=0),
    "officer_report_has_a_title": lambda m: update(m, title=""),
    "officer_report_exempt_paragraph_is_known": lambda m: update(m, exempt_paragraph=12),
    "officer_report_return_has_a_note": lambda m: update(
        m, returned_at=NOW, returned_by=models.Person.objects.first()
    ),
    "officer_report_signed_off_was_submitted_and_is_a_paper": lambda m: update(
        m, signed_off_at=NOW, signed_off_by=models.Person.objects.first()
    ),
    "officer_report_contributor_once": copy_of,
    "officer_report_signature_once_in_a_role": copy_of,
    "officer_report_signature_is_of_a_text": lambda m: update(
        m, signed_at=NOW, signed_by=models.Person.objects.first()
    ),
    "officer_report_signature_role_is_known": lambda m: update(m, role="king"),
    "officer_report_picture_name_once": copy_of,
    "officer_report_picture_has_words": lambda m: update(m, alternative_text=""),
    "officer_report_picture_is_there_until_removed": lambda m: update(m, file=""),
    "agenda_pack_ends_after_it_starts": lambda m: update(m, first_page=2),
    "agenda_pack_withdrawn_has_a_reason": lambda m: update(
        m, published_at=NOW, published_by=models.Person.objects.first(),
        withdrawn_at=NOW, withdrawn_by=models.Person.objects.first(),
    ),
    "pack_paper_once_in_pack": copy_of,
    "pack_plan_once_per_supplement": copy_of,
    "pack_plan_to_publish_was_planned": lambda m: update(m, publish_on=NOW),
    "pack_plan_held_is_planned": lambda m: update(m, is_held=True),
    "clearance_has_text_and_a_reason": lambda m: update(m, reason=""),
    "agenda_pack_edition_is_known": lambda m: update(m, edition="secret"),
    "agenda_pack_number_once": copy_of,
    "pack_entry_once_in_pack": copy_of,
    "pack_entry_ends_after_it_starts": lambda m: update(m, last_page=14),
    "progress_report_once_per_inquiry_and_months": copy_of,
    "progress_report_months_on_is_positive": lambda m: update(m, months_on=0),
    "progress_report_collected_after_commissioned": lambda m: update(m, commissioned_at=None, commissioned_by=None),
    "progress_report_signed_off_after_collected": lambda m: update(m, collected_at=None, collected_by=None),
    "progress_report_published_after_signed_off": lambda m: update(m, signed_off_at=None, signed_off_by=None),
    "progress_report_assessed_after_published": lambda m: update(
        m, published_at=None, published_by=None, assessed_at=NOW, assessed_by=models.Person.objects.first()
    ),
    "sign_off_once_per_report_and_person": copy_of,
    "sign_off_on_behalf_has_evidence": lambda m: update(m, evidence_note=""),
    "progress_report_update_precision_is_known": lambda m: update(m, update_precision="year"),
    "progress_update_once_per_report_and_response": copy_of,
    "progress_update_officer_view_is_known": lambda m: update(m, officer_view="splendid"),
    "progress_update_exempt_paragraph_is_known": lambda m: update(m, exempt_paragraph=12),
    "progress_update_exempt_part_names_its_paragraph": lambda m: update(m, exempt_text="A name."),
    "progress_update_submitted_or_closed": lambda m: update(
        m, closed_at=NOW, closed_by=models.Person.objects.first()
    ),
    "progress_update_submitted_has_text": lambda m: update(m, text=""),
    "response_letter_step_is_known": lambda m: update(m, step="fifth"),
    "response_letter_once_per_step": copy_of,
    "response_letter_is_addressed": lambda m: update(m, addressed_to=""),
    "response_letter_has_text": lambda m: update(m, body=""),
    "more_time_request_has_a_reason": lambda m: update(m, reason=""),
    "more_time_request_for_update_waits_once": copy_of,
    "more_time_request_for_officer_report_waits_once": lambda m: (
        update(m, update=None, officer_report=models.OfficerReport.objects.get()),
        copy_of(m),
    ),
    "more_time_request_is_about_one": lambda m: update(m, officer_report=models.OfficerReport.objects.get()),
    "more_time_request_granted_when_decided": lambda m: update(m, granted_until=NOW.date()),
    "more_time_request_refused_with_a_note": lambda m: update(
        m, decided_at=NOW, decided_by=models.Person.objects.first()
    ),
    "progress_update_return_has_a_note": lambda m: update(
        m, returned_at=NOW, returned_by=models.Person.objects.first()
    ),
    "update_contributor_once": copy_of,
    "evidence_has_a_title": lambda m: update(m, title=""),
    "evidence_url_is_of_the_web": lambda m: update(m, url="javascript:alert(1)"),
    "assessment_rating_is_known": lambda m: update(m, rating=5),
    "assessment_correction_rating_before_is_known": lambda m: update(m, rating_before=5),
    "assessment_correction_has_a_reason": lambda m: update(m, reason=""),
    "indication_rating_is_known": lambda m: update(m, rating=5),
    "indication_has_a_rating_or_a_note": lambda m: update(m, rating=None, note=""),
    "indication_once_per_update_and_member": copy_of,
    "report_edition_number_once": copy_of,
    "former_council_has_a_name": lambda m: update(m, name=""),
    "former_file_once": lambda m: copy_of(m, position=9),
    "former_file_position_once": lambda m: copy_of(m, path="another"),
    "council_settings_are_one_row": lambda m: m.objects.create(pk=2),
    "mail_wording_occasion_is_known": lambda m: update(m, occasion="invitation"),
    "mail_wording_is_complete": lambda m: update(m, opening=""),
    "council_settings_have_report_months": lambda m: update(m, report_months=[]),
}  # fmt: skip


@pytest.mark.parametrize("name", sorted(BREAKS))
def test_database_refuses(name, world):
    with pytest.raises(IntegrityError), transaction.atomic():
        BREAKS[name](CONSTRAINTS[name])


@pytest.mark.parametrize("name", sorted(PAIRED))
def test_timestamp_needs_its_user(name, world):
    model = CONSTRAINTS[name]
    fact = next(
        f.name[:-3]
        for f in model._meta.get_fields()
        if f.name.endswith("_at") and name.endswith(f"{f.name[:-3]}_at_and_by")
    )
    row = model.objects.first()
    given = getattr(row, f"{fact}_at") is not None
    with pytest.raises(IntegrityError), transaction.atomic():
        update(model, **({f"{fact}_by": None} if given else {f"{fact}_at": NOW}))


def test_every_constraint_is_tested():
    assert set(CONSTRAINTS) == set(BREAKS) | PAIRED
    for name, model in CONSTRAINTS.items():
        constraint = next(c for c in model._meta.constraints if c.name == name)
        assert isinstance(constraint, CheckConstraint | UniqueConstraint)
        assert constraint.violation_error_message.endswith(".")
        assert constraint.violation_error_message != constraint.default_violation_error_message


@pytest.mark.parametrize("model", [models.Entry, models.TargetDateChange, models.ReportEdition])
def test_history_is_append_only(model, world):
    field = {"entry": "note", "targetdatechange": "reason", "reportedition": "pdf_checksum"}[model._meta.model_name]
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**{field: "rewritten"})
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table}")
    assert model.objects.exists()


@pytest.fixture
def published_pack(world):
    """The pack, published."""
    models.AgendaPack.objects.update(published_at=NOW, published_by=models.Person.objects.first())
    return models.AgendaPack.objects.get()


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (models.MinutesEdition, {"content": {"minutes": []}}),
        (models.MinutesEdition, {"number": 2, "reason": "Another."}),
        (models.AgendaPack, {"checksum": "another"}),
        (models.AgendaPack, {"content": {"items": []}}),
        (models.AgendaPack, {"published_at": None, "published_by": None}),
        (models.PackEntry, {"last_page": 22}),
        (models.PackPaper, {"first_page": 1}),
    ],
)
def test_published_pack_is_append_only(model, values, published_pack):
    with pytest.raises(IntegrityError), transaction.atomic():
        model.objects.update(**values)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {model._meta.db_table}")
    assert model.objects.exists()


def test_published_pack_can_be_withdrawn(published_pack):
    published_pack.withdrawn_at, published_pack.withdrawn_by = NOW, published_pack.published_by
    published_pack.withdrawn_reason = "A name stood in it."
    published_pack.save(update_fields=["withdrawn_at", "withdrawn_by", "withdrawn_reason"])
    assert not models.AgendaPack.objects.published().exists()


def test_unpublished_pack_can_be_deleted(world):
    models.AgendaPack.objects.get().delete()
    assert not models.PackEntry.objects.exists()

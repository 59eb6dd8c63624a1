"""Ways in which a round could come to a halt, or a signature outlive what was signed: none of them does."""

from datetime import timedelta

import pytest
from django.urls import reverse

from inquiries.actions import assessments, handover, imports, progress
from inquiries.choices import Rating, Stage
from inquiries.imports.draft import DraftContributor, DraftRecommendation, DraftReport, DraftRow
from inquiries.models import CabinetMember, Notification, ProgressReport
from inquiries.permissions import Refused
from tests import factories
from tests.cast import NOW, TODAY, person

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def half_signed(inquiry, clerk, cabinet_member, stranger):
    """Awaiting sign-off by two people, of whom the Cabinet Member has signed."""
    report = factories.make_report(inquiry, clerk, at=Stage.AWAITING_SIGN_OFF, cabinet_members=[stranger])
    progress.sign_off(report.sign_offs.get(person=cabinet_member), by=cabinet_member, now=LATER)
    return report


def stage(report):
    report.refresh_from_db()
    return report.stage


def test_when_only_those_who_have_signed_stay_named_the_report_is_signed_off(half_signed, clerk, cabinet_member):
    progress.name_cabinet_members(half_signed, people=[cabinet_member], by=clerk, now=LATER)
    assert stage(half_signed) == Stage.SIGNED_OFF
    assert Notification.objects.filter(occasion="report_signed_off").count() == 1


def test_a_report_whose_signers_have_all_signed_does_not_wait_for_them_again(
    half_signed, clerk, cabinet_member, stranger, officer
):
    update = half_signed.updates.for_page().first()
    progress.return_update(update, note="Is that right?", by=stranger, now=LATER)
    progress.name_cabinet_members(half_signed, people=[cabinet_member], by=clerk, now=LATER)
    assert stage(half_signed) == Stage.COMMISSIONED
    progress.submit_update(update, version=update.version, by=officer, now=LATER)
    assert stage(half_signed) == Stage.SIGNED_OFF


def test_an_update_closed_after_it_was_signed_withdraws_the_sign_off(half_signed, clerk, cabinet_member, stranger):
    progress.return_update(half_signed.updates.for_page().first(), note="Say more.", by=stranger, now=LATER)
    progress.close_updates(half_signed, by=clerk, now=LATER)
    assert stage(half_signed) == Stage.AWAITING_SIGN_OFF
    assert half_signed.sign_offs.get(person=cabinet_member).signed_at is None
    told = Notification.objects.filter(recipient=cabinet_member).values_list("occasion", flat=True)
    assert {"sign_off_withdrawn", "sign_off_wanted"} <= set(told)


@pytest.mark.parametrize(
    "change",
    [
        {"officer_view": "on_track"},
        {"evidence": [("The figures", "https://wealdshire.example/figures")]},
        {"contributors": "contributor"},
    ],
)
def test_whatever_is_printed_withdraws_the_sign_off_when_it_changes(
    half_signed, cabinet_member, stranger, officer, contributor, change
):
    update = half_signed.updates.for_page().first()
    progress.return_update(update, note="Show the figures.", by=stranger, now=LATER)
    change = {name: [contributor] if name == "contributors" else value for name, value in change.items()}
    progress.save_update(update, version=update.version, text=update.text, by=officer, now=LATER, **change)
    assert half_signed.sign_offs.get(person=cabinet_member).signed_at is None


def test_an_imported_report_that_nobody_signs_waits_until_somebody_is_named(committee, clerk, cabinet_member):
    draft = DraftReport(
        months_on=6, rows=[DraftRow([DraftRecommendation("1", "That A is done.")], decision="accepted", update="Done.")]
    )
    report = imports.import_progress_report(
        draft, committee=committee, title="Home", file_name="a.docx", stage="awaiting_sign_off", by=clerk, now=NOW
    )
    progress.name_cabinet_members(report, people=[cabinet_member], by=clerk, now=LATER)
    assert stage(report) == Stage.AWAITING_SIGN_OFF
    progress.sign_off(report.sign_offs.get(), by=cabinet_member, now=LATER)
    assert stage(report) == Stage.SIGNED_OFF


def test_an_imported_job_title_that_is_too_long_is_said_and_not_cut_off(committee, clerk):
    person("Gwen Rees")
    row = DraftRow(
        [DraftRecommendation("1", "That A is done.")],
        decision="accepted",
        update="Done.",
        contributors=[DraftContributor("Gwen Rees", "Manager " * 40)],
    )
    draft = DraftReport(months_on=6, rows=[row])
    with pytest.raises(Refused, match="at most 200 characters"):
        imports.import_progress_report(draft, committee=committee, title="Home", file_name="a.docx", by=clerk, now=NOW)
    assert not ProgressReport.objects.exists()


def test_a_lead_officer_who_has_left_is_pointed_out_before_updates_are_commissioned(client, inquiry, clerk, officer):
    officer.is_active = False
    officer.save()
    client.force_login(clerk)
    page = client.get(reverse("clerk:commission", args=[inquiry.slug])).content.decode()
    assert "Siân Llŷr-Ôwain <strong>(has left)</strong>" in page
    assert "Lead officer for 1a and 1b" in page


# A second click whose request waits for the first one's


def test_a_second_click_on_confirm_is_told_that_it_is_done(client, inquiry, clerk, chair, monkeypatch):
    report = factories.make_report(inquiry, clerk, at=Stage.PUBLISHED)
    update = report.updates.for_page().first()
    assessments.assess(update, rating=Rating.ON_TRACK, comment="", seen=None, by=chair, now=LATER)
    held = factories.hold_meeting(inquiry.committee)
    confirm = assessments.confirm_assessments

    def after_the_first(report, **values):
        confirm(report, **values)
        return confirm(report, **values)

    monkeypatch.setattr(assessments, "confirm_assessments", after_the_first)
    client.force_login(chair)
    address = reverse("committee:confirm", args=[inquiry.slug, 6])
    answer = client.post(address, {"seen": client.get(address).context["seen"], "meeting": held.pk}, follow=True)
    assert answer.status_code == 200
    assert "confirmed already" in answer.content.decode()


def test_a_second_click_on_import_is_shown_what_was_imported(client, committee, clerk, monkeypatch):
    draft = DraftReport(
        committee=committee.name,
        inquiry="Home",
        months_on=6,
        rows=[DraftRow([DraftRecommendation("1", "That A is done.")], decision="accepted", update="Done.")],
    )
    kept = imports.keep_import(draft, file_name="report.docx", checksum="0" * 64, by=clerk, now=NOW)

    def after_the_first(kept, draft, *, choices, by, now):
        imports.confirm_import(
            kept, draft, committee=committee, title="Home", stage="commissioned", published=False, by=by, now=now
        )
        return imports.correct_import(kept, draft, choices=choices, by=by, now=now)

    monkeypatch.setattr("inquiries.views.clerk_imports.correct_import", after_the_first)
    client.force_login(clerk)
    address = reverse("clerk:import_preview", args=[kept.pk])
    review = client.get(address).context["review"]
    sent = {}
    for form in review.forms:
        for field in form:
            value = field.value()
            if value not in (None, False) and not isinstance(value, list):
                sent[field.html_name] = getattr(value, "pk", value)
    answer = client.post(address, {**sent, "action": "import"})
    assert answer.status_code == 200
    assert "clerk/imported.html" in [template.name for template in answer.templates]
    assert ProgressReport.objects.count() == 1


def test_a_sign_off_taken_back_from_somebody_who_has_left_is_given_by_a_successor(
    half_signed, clerk, cabinet_member, stranger, other_officer, officer, client
):
    CabinetMember.objects.create(person=stranger, portfolio="Transport", from_date=TODAY)
    handover.record_leaver(cabinet_member, sign_offs=stranger, by=clerk, now=LATER)
    update = half_signed.updates.for_page().first()
    progress.return_update(update, note="Give the figure.", by=stranger, now=LATER)
    saved = progress.save_update(update, version=update.version, text="It was 4,200 calls.", by=officer, now=LATER)
    progress.submit_update(saved, version=saved.version, by=officer, now=LATER)
    letter = Notification.objects.get(occasion="signer_has_left")
    assert (letter.recipient, letter.subject) == (
        clerk,
        "Choose who signs off: Warm Homes Inquiry, interim report (6 months on)",
    )
    assert not Notification.objects.filter(occasion="sign_off_withdrawn").exists()
    client.force_login(clerk)
    address = reverse("clerk:reschedule", args=[half_signed.inquiry.slug, half_signed.months_on])
    manage = client.get(reverse("clerk:manage", args=[half_signed.inquiry.slug, half_signed.months_on]))
    assert f'href="{address}#id_cabinet_members_0">Name another person' in manage.content.decode()
    page = client.get(address)
    assert 'id="id_cabinet_members_0"' in page.content.decode()
    assert page.context["form"].initial["cabinet_members"] == [stranger.pk]
    successor = other_officer
    CabinetMember.objects.create(person=successor, portfolio="Communities", from_date=TODAY)
    progress.name_cabinet_members(half_signed, people=[stranger, successor], by=clerk, now=LATER)
    for one in (stranger, successor):
        progress.sign_off(half_signed.sign_offs.get(person=one), by=one, now=LATER)
    assert stage(half_signed) == Stage.SIGNED_OFF


@pytest.mark.parametrize("has_successor", [True, False])
def test_a_sign_off_that_leaving_itself_takes_back_is_not_lost(
    inquiry, clerk, cabinet_member, stranger, officer, has_successor
):
    inquiry.responses.update(cabinet_member=None)
    report = factories.make_report(
        inquiry, clerk, at=Stage.AWAITING_SIGN_OFF, cabinet_members=[cabinet_member, stranger]
    )
    update = report.updates.about("1a").get()
    progress.return_update(update, note="Say more.", by=stranger, now=LATER)
    progress.save_update(
        update, version=update.version, text="More.", contributors=[cabinet_member], by=officer, now=LATER
    )
    # They agree by e-mail while one update is still being written.
    report.sign_offs.filter(person=cabinet_member).update(signed_at=LATER, signed_by=clerk, evidence_note="An e-mail.")
    successor = officer if has_successor else None
    handover.record_leaver(cabinet_member, sign_offs=successor, by=clerk, now=LATER)
    waiting = set(report.sign_offs.filter(signed_at=None).values_list("person", flat=True))
    assert waiting == {stranger.pk, officer.pk if has_successor else cabinet_member.pk}
    assert Notification.objects.filter(occasion="signer_has_left").count() == (0 if has_successor else 1)

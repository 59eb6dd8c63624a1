"""From the records to plain words: rows, header line, account, and what is left out of them."""

from datetime import date, timedelta

import pytest

from inquiries.actions import assessments, endings, inquiries, progress, responses
from inquiries.choices import Decision, ExemptParagraph, Rating, Stage
from inquiries.documents.content import AccountEntry, Contributor, ExemptPart, NumberedText, Row
from inquiries.documents.progress_report import for_content, progress_report_content, progress_report_rows, update_row
from inquiries.models import Inquiry, ProgressUpdate
from tests import factories
from tests.cast import NOW, person

pytestmark = pytest.mark.usefixtures("quick_files")

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def report(inquiry, clerk):
    return factories.make_report(inquiry, clerk)


def content_of(report, **options):
    return progress_report_content(for_content().get(pk=report.pk), **options)


def write(report, number, text, *, by, **parts):
    update = next(u for u in report.updates.for_page() if u.reference == number)
    return progress.save_update(update, version=update.version, text=text, by=by, now=NOW, **parts)


def numbers_of(entries):
    return [tuple(r.reference for r in entry.recommendations) for entry in entries]


# --- Rows --------------------------------------------------------------------------------------------


def test_rows_in_natural_order(report):
    assert numbers_of(content_of(report).rows) == [("1a", "1b"), ("2",), ("10",)]


def test_row_has_every_field(report, inquiry, officer, contributor, clerk):
    responses.change_target_date(
        inquiry.recommendations.get(reference="1a").response,
        target_date=date(2027, 3, 31),
        reason="",
        by=clerk,
        now=NOW,
    )
    write(
        report,
        "1a",
        "One number since May.\n\n- a leaflet",
        by=officer,
        officer_view="on_track",
        forecast_date=date(2027, 4, 30),
        contributors=[contributor],
        evidence=[("The page", "https://www.wealdshire.example/help")],
    )
    assert content_of(report).rows[0] == Row(
        recommendations=(
            NumberedText("1a", "That the council publishes one telephone number for help with heating."),
            NumberedText("1b", "That the number stands on every council tax bill."),
        ),
        decision="accepted",
        response="One number will be used.",
        update="One number since May.\n\n- a leaflet",
        lead_officer="Siân Llŷr-Ôwain",
        contributors=(Contributor("Priya Nair", "Team Manager"),),
        officer_view="On track",
        forecast_date=date(2027, 4, 30),
        target_date=date(2027, 3, 31),
        evidence=(("The page", "https://www.wealdshire.example/help"),),
    )


def test_reason_follows_response(report):
    row = content_of(report).rows[1]
    assert (row.decision_label, row.response) == ("Accepted in part", "Twice a year.\n\nReason: Costs.")


def test_row_without_lead_officer(report):
    assert content_of(report).rows[2].lead_officer == ""


def test_job_title_at_first_mention(report, contributor, other_officer, clerk):
    write(report, "1a", "One.", by=clerk, contributors=[contributor])
    write(report, "2", "Two.", by=clerk, contributors=[other_officer, contributor])
    write(report, "10", "Ten.", by=clerk, contributors=[other_officer])
    assert [row.contributor_line for row in content_of(report).rows] == [
        "(Priya Nair, Team Manager)",
        "(Tom Okafor, Finance Manager; Priya Nair)",
        "(Tom Okafor)",
    ]


def test_contributors_of_one_name(report, contributor, clerk):
    namesake = person("Priya Nair", job_title="Solicitor")
    write(report, "1a", "One.", by=clerk, contributors=[contributor])
    write(report, "2", "Two.", by=clerk, contributors=[namesake])
    assert content_of(report).rows[1].contributor_line == "(Priya Nair, Solicitor)"


def test_closed_update_has_no_text(report, clerk):
    write(
        report,
        "1a",
        "A draft that nobody submitted.",
        by=clerk,
        exempt_text="A name.",
        exempt_paragraph=ExemptParagraph.INDIVIDUAL,
    )
    progress.close_updates(report, by=clerk, now=LATER)
    row = content_of(report, exempt=True).rows[0]
    assert (row.update, row.exempt) == ("", None)


def test_exempt_part_in_restricted_only(report, clerk):
    write(report, "1a", "Open.", by=clerk, exempt_text="A name.", exempt_paragraph=ExemptParagraph.IDENTITY)
    words = "Information which is likely to reveal the identity of an individual"
    public, restricted = content_of(report), content_of(report, exempt=True)
    assert public.rows[0].exempt == ExemptPart(2, words, "")
    assert restricted.rows[0].exempt == ExemptPart(2, words, "A name.")
    assert "A name." not in repr(public)
    assert [row.exempt for row in restricted.rows[1:]] == [None, None]


# --- After the meeting, and before -------------------------------------------------------------------


def test_ratings_show_once_confirmed(report, clerk):
    factories.walk(report, to=Stage.PUBLISHED, by=clerk)
    update = report.updates.for_page().first()
    assessments.assess(update, rating=Rating.CONCERNS, comment="Slow.", seen=None, by=clerk, now=LATER)
    before = content_of(report)
    assert (before.after_meeting, before.rows[0].assessment, before.rows[0].comment) == (False, "to be assessed", "")
    assert content_of(report, after_meeting=True).rows[0].assessment == "! Concerns"
    factories.confirm_assessments(report, by=clerk, now=LATER)
    after = content_of(report)
    assert (after.after_meeting, after.rows[0].assessment, after.rows[0].comment) == (True, "! Concerns", "Slow.")
    assert after.rows[1].assessment == "to be assessed"
    again = content_of(report, after_meeting=False)
    assert (again.after_meeting, again.rows[0].rating, again.rows[0].comment) == (False, None, "")


def test_draft_until_published(report, clerk):
    assert content_of(report).draft is True
    factories.walk(report, to=Stage.PUBLISHED, by=clerk)
    assert content_of(report).draft is False
    progress.reopen(report, to=Stage.SIGNED_OFF, reason="A slip.", by=clerk, now=LATER)
    assert content_of(report).draft is True


# --- The header --------------------------------------------------------------------------------------


def test_header_before_sign_off(report):
    assert content_of(report).header == (
        ("Select Committee Inquiry Report Completion Date", "May 2026 (Cabinet)"),
        ("Date of this update", ""),
        ("Lead Officers responsible for this response", "Siân Llŷr-Ôwain (1); Tom Okafor (2)"),
        ("Cabinet Member that has signed-off this update", "not yet signed off"),
    )


def test_header_names_signers(inquiry, clerk, cabinet_member, stranger):
    report = factories.make_report(inquiry, clerk, at=Stage.AWAITING_SIGN_OFF, cabinet_members=[stranger])
    progress.sign_off(report.sign_offs.get(person=cabinet_member), by=cabinet_member, now=LATER)
    assert content_of(report).cabinet_members == ("Councillor Ruth Adeyemi",)


def answered(inquiry, clerk, reference, lead_officer, decision=Decision.ACCEPTED):
    recommendation = inquiries.add_recommendation(
        inquiry, reference=reference, text=f"That {reference} be done.", by=clerk, now=NOW
    )
    return responses.record_response(
        inquiry,
        recommendations=[recommendation],
        decision=decision,
        text="Yes.",
        reason="" if decision == Decision.ACCEPTED else "It costs.",
        lead_officer=lead_officer,
        by=clerk,
        now=NOW,
    )


def test_header_shows_bare_number(inquiry, clerk, officer, other_officer):
    answered(inquiry, clerk, "3a", officer)  # 3b was not accepted
    answered(inquiry, clerk, "4a", officer)
    inquiries.add_recommendation(inquiry, reference="4b", text="That 4b be done.", by=clerk, now=NOW)  # no response yet
    answered(inquiry, clerk, "5a", officer)
    answered(inquiry, clerk, "5b", other_officer)
    answered(inquiry, clerk, "6a", officer)
    answered(inquiry, clerk, "6b", None)
    report = factories.make_report(inquiry, clerk)
    assert content_of(report).lead_officers_line == "Siân Llŷr-Ôwain (1, 3, 4a, 5a, 6a); Tom Okafor (2, 5b)"


def test_header_counts_ended_parts(inquiry, clerk, officer, other_officer):
    answered(inquiry, clerk, "5a", officer)
    answered(inquiry, clerk, "5b", other_officer)
    endings.end_recommendation(
        inquiry.recommendations.get(reference="5b"),
        ending="superseded",
        reason="A law.",
        on=NOW.date(),
        by=clerk,
        now=NOW,
    )
    report = factories.make_report(inquiry, clerk)
    assert content_of(report).lead_officers_line == "Siân Llŷr-Ôwain (1, 5a); Tom Okafor (2)"


# --- The account of what is not in the table ---------------------------------------------------------


def test_account_covers_other_numbers(inquiry, clerk, committee, officer):
    endings.end_recommendation(
        inquiry.recommendations.get(reference="2"),
        ending="superseded",
        reason="A new law does the same.",
        on=date(2026, 7, 1),
        by=clerk,
        now=NOW,
    )
    answered(inquiry, clerk, "7", officer, decision=Decision.DEFERRED)
    inquiries.add_recommendation(inquiry, reference="9", text="That nine be done.", by=clerk, now=NOW)
    report = factories.make_report(inquiry, clerk)
    assert content_of(report).account == (
        AccountEntry(
            (NumberedText("2", "That officers meet the county's advice agencies every quarter."),),
            "Superseded, 1 July 2026",
            "A new law does the same.",
        ),
        # Whoever wrote "3b" had a "3a".
        AccountEntry((NumberedText("3a", ""),), "Not recorded"),
        AccountEntry(
            (NumberedText("3b", "That the council buys a thermal camera for each library."),),
            "Not accepted",
            "A camera would stand idle for most of the year.",
        ),
        AccountEntry(
            (NumberedText("4", "That the council writes to every landlord."),),
            "Withdrawn by the committee, 2 June 2026",
            "The committee took it back at its meeting.",
        ),
        AccountEntry((NumberedText("5", ""),), "Not recorded"),
        AccountEntry((NumberedText("6", ""),), "Not recorded"),
        AccountEntry((NumberedText("7", "That 7 be done."),), "Deferred", "Yes.\n\nReason: It costs."),
        AccountEntry((NumberedText("8", ""),), "Not recorded"),
        AccountEntry((NumberedText("9", "That nine be done."),), "No response recorded yet"),
    )


def test_account_dates_implementation(inquiry, clerk, committee):
    first = factories.make_report(inquiry, clerk, meeting=factories.make_meeting(committee))
    factories.walk(first, to=Stage.ASSESSED, by=clerk)
    # The report that judged them still has them in its table.
    assert numbers_of(content_of(first).rows)[0] == ("1a", "1b")
    second = content_of(factories.make_report(inquiry, clerk, months_on=12))
    assert numbers_of(second.rows) == [("2",), ("10",)]
    # One response, ended in the same way: one line.
    assert numbers_of(second.account)[0] == ("1a", "1b")
    assert second.account[0].outcome == "Implemented, decided at the meeting on 15 December 2026"


def test_account_of_later_response(report, inquiry, clerk, officer):
    answered(inquiry, clerk, "11", officer)
    entry = content_of(report).account[-1]
    assert (entry.recommendations[0].reference, entry.outcome) == ("11", "Accepted; not part of this report")
    assert entry.reason == "Yes."


def test_account_finds_no_gaps(committee, clerk, officer, cabinet_member):
    inquiry = Inquiry.objects.create(committee=committee, title="Buses", slug="buses")
    for reference, given in (("R7", False), ("R9", False), ("5", True)):
        recommendation = inquiries.add_recommendation(
            inquiry, reference=reference, text="That it be done.", reference_given=given, by=clerk, now=NOW
        )
        responses.record_response(
            inquiry,
            recommendations=[recommendation],
            decision=Decision.ACCEPTED,
            cabinet_member=cabinet_member,
            by=clerk,
            now=NOW,
        )
    content = content_of(factories.make_report(inquiry, clerk))
    assert content.account == ()
    assert [row.recommendations[0].given for row in content.rows] == [True, False, False]


# --- A part of it ------------------------------------------------------------------------------------


def test_lead_officer_gets_own_rows(report, officer, other_officer, clerk):
    write(report, "1a", "Siân's own words.", by=officer)
    write(report, "2", "Tom's own words.", by=other_officer)
    content = content_of(report, updates=ProgressUpdate.objects.written_by(officer))
    assert numbers_of(content.rows) == [("1a", "1b")]
    assert content.lead_officers_line == "Siân Llŷr-Ôwain (1)"
    assert "Tom" not in repr(content)
    # What is in the table of others is not said to be missing from it.
    assert numbers_of(content.account)[:3] == [("3a",), ("3b",), ("4",)]
    assert not {("2",), ("10",)} & set(numbers_of(content.account))


def test_rows_stay_within_report(inquiry, report, officer, clerk):
    other = factories.make_inquiry(
        inquiry.committee, clerk, officer=officer, title="Another Inquiry", cabinet_member=report.sign_offs.get().person
    )
    factories.make_report(other, clerk)
    content = content_of(report, updates=ProgressUpdate.objects.written_by(officer))
    assert numbers_of(content.rows) == [("1a", "1b")]


def test_rows_alone_match_report(report, officer, clerk):
    write(report, "1a", "Words.", by=officer)
    updates = list(report.updates.for_page())
    rows = content_of(report).rows
    assert progress_report_rows(updates) == rows
    assert update_row(updates[0]) == rows[0]
    assert content_of(report, fetched=updates) == content_of(report)


# --- Queries -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 30])
def test_query_count_is_constant(
    committee, clerk, officer, cabinet_member, contributor, rows, django_assert_num_queries
):
    inquiry = Inquiry.objects.create(committee=committee, title="Buses", slug="buses")
    for number in range(1, rows + 1):
        answered(inquiry, clerk, str(number), officer)
    report = factories.make_report(inquiry, clerk, cabinet_members=[cabinet_member])
    for number in range(1, rows + 1):
        write(
            report,
            str(number),
            "Words.",
            by=clerk,
            contributors=[contributor],
            evidence=[("The page", "https://www.wealdshire.example/help")],
        )
    factories.walk(report, to=Stage.AWAITING_SIGN_OFF, by=clerk)
    with django_assert_num_queries(4):
        content = content_of(report)
    assert len(content.rows) == rows
    with django_assert_num_queries(5):
        content_of(report, updates=ProgressUpdate.objects.written_by(officer))

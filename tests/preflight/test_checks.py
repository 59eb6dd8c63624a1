"""Each check of the pre-flight: what it says of a fault, and that it keeps quiet where there is none."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from inquiries.choices import Stage
from inquiries.documents.content import AccountEntry, NumberedText
from inquiries.preflight.checks import find_problems, find_sign_off_required, split_run_together
from tests.preflight.subjects import MEETING_DAY, paper, paper_item, report, report_item, row, subject

SHARED = (
    "The Welfare Group is reviewing its function, following its last meeting in June 2015. "
    "The Group is likely to next meet in late November / early December 2015."
)


def said(made):
    """What the pre-flight says, as (code, where)."""
    return [(finding.code, finding.place.where) for finding in find_problems(made)]


def about_update(text, **changes):
    """What it says of a report with one row, whose update this is."""
    return find_problems(subject(report_item(report(row("1a", text, **changes)))))


def about_page(*pages, **changes):
    """What it says of a paper with these pages."""
    return find_problems(subject(paper_item(paper(*pages, **changes))))


def test_clean_pack_has_no_findings():
    assert find_problems(subject()) == []


def test_finds_faults_of_2015():
    faulty = report(
        row("1a", contributor="Janice Moore"),
        row("1c", f"Links are on the website. (Janice Moore)\n\n{SHARED}", contributor=""),
        row("5a", "There is a plan of activity.", lead="Phil Dart", contributor="Chris Walkling"),
        row("5b", SHARED, lead="", contributor=""),
        row("6", "This will be discussed further at Cabinet on 9th November."),
        row("8", SHARED, lead="", contributor=""),
        row("9", "A follow up application from themthis will capture on going requirement."),
    )
    lost = AccountEntry((NumberedText("3b", ""),), "Not recorded")
    faulty = replace(
        faulty,
        completed_on=date(2015, 4, 1),
        completed_to_the_day=False,
        content=replace(
            faulty.content,
            completion="April 2015 (Cabinet)",
            lead_officers=(("Lloyd Jeffries", ("1", "6", "9")), ("Phil Dart", ("5a",))),
            account=(lost,),
        ),
    )
    template = paper(
        "Interim/Final (6 months on/12 months on) *delete as appropriate",
        "Report of the Director [Director sign-off required]",
    )
    made = subject(
        report_item(faulty, title="CRISIS SUPPORT INQUIRY - PROGRESS REPORT ONE YEAR ON", subtitle=""),
        paper_item(template),
    )
    assert said(made) == [
        ("sign_off_required", "Item 8, “Budget outlook”, page 2"),
        ("no_lead_officer", "Item 7, recommendation 5b"),
        ("no_lead_officer", "Item 7, recommendation 8"),
        ("title_disagrees", "Item 7"),
        ("date_passed", "Item 7, recommendation 6"),
        ("same_in_several_rows", "Item 7, recommendations 1c, 5b and 8"),
        ("number_missing", "Item 7, recommendation 3b"),
        ("choice", "Item 8, “Budget outlook”, page 1"),
        ("choice", "Item 8, “Budget outlook”, page 1"),
        ("choice", "Item 8, “Budget outlook”, page 1"),
        ("run_together", "Item 7, recommendation 9"),
    ]
    by_code = {finding.code: finding for finding in find_problems(made)}
    assert "7 months after April 2015" in by_code["title_disagrees"].message
    assert by_code["title_disagrees"].place.address == "/items/7/"
    assert by_code["no_lead_officer"].place.address == "/responses/8/"
    assert by_code["date_passed"].place.address == "/updates/6/"
    assert by_code["sign_off_required"].stops
    assert by_code["sign_off_required"].quoted == "Report of the Director [Director sign-off required]"
    assert by_code["run_together"].message.endswith("“them this”.")


def test_target_dates_that_have_passed():
    rows = [
        replace(each, row=replace(each.row, target_date=day, officer_view=view))
        for each, day, view in (
            (row("1a"), MEETING_DAY - timedelta(days=1), "On track"),
            (row("2"), MEETING_DAY, "On track"),
            (row("3"), MEETING_DAY - timedelta(days=1), "Complete"),
        )
    ]
    found = find_problems(subject(report_item(report(*rows))))
    assert [(f.code, f.place.where, f.stops) for f in found] == [
        ("target_date_passed", "Item 7, recommendation 1a", False)
    ]


def test_forecasts_that_are_late_or_have_passed():
    day_before, day_after = MEETING_DAY - timedelta(days=1), MEETING_DAY + timedelta(days=1)
    rows = [
        replace(each, row=replace(each.row, target_date=target, forecast_date=day, officer_view=view))
        for each, target, day, view in (
            (row("1a"), MEETING_DAY, day_after, "On track"),
            (row("2"), MEETING_DAY, MEETING_DAY, "On track"),
            (row("3"), None, day_before, "On track"),
            (row("9", "All done."), None, day_before, "Complete"),
        )
    ]
    found = find_problems(subject(report_item(report(*rows))))
    assert [(f.code, f.place.where, f.stops) for f in found] == [
        ("forecast_after_target", "Item 7, recommendation 1a", False),
        ("forecast_passed", "Item 7, recommendation 3", False),
    ]


# What stops a pack


def test_unsigned_report_stops_pack():
    found = find_problems(subject(report_item(report(stage=Stage.AWAITING_SIGN_OFF))))
    assert [(f.code, f.place.where, f.place.address, f.stops) for f in found] == [
        ("not_signed_off", "Item 7", "/report/", True)
    ]


def test_late_publication_needs_reason():
    late = subject(publish_on=date(2015, 11, 3))
    (finding,) = find_problems(late)
    assert (finding.code, finding.stops, finding.place.address) == (
        "late_without_reason",
        True,
        "/clerk/meetings/1/packs/0/publish/",
    )
    assert find_problems(replace(late, urgency_reason="Cabinet decided on Monday.")) == []


def test_item_without_papers():
    (finding,) = find_problems(subject(paper_item()))
    assert (finding.code, finding.place.where, finding.stops) == ("no_paper", "Item 8", True)
    assert find_problems(subject(paper_item(to_follow=True))) == []
    (finding,) = find_problems(subject(paper_item(paper("Figures"), to_follow=True)))
    assert (finding.code, finding.place.where, finding.stops) == ("more_to_follow", "Item 8", False)
    assert find_problems(subject(paper_item(exempt_paragraphs=(3,)))) == []


def test_exempt_paper_needs_paragraph():
    (finding,) = about_page("The contract.", exempt=True)
    assert (finding.code, finding.place.where, finding.stops) == ("no_paragraph", "Item 8, “Budget outlook”", True)
    assert about_page("The contract.", exempt=True, has_paragraph=True) == []


def test_exempt_part_needs_paragraph():
    made = replace(row("1a"), exempt_text="Her contract ends.")
    (finding,) = find_problems(subject(report_item(report(made))))
    assert (finding.code, finding.place.where, finding.stops) == ("no_paragraph", "Item 7, recommendation 1a", True)


def test_unchecked_paper_stops_pack():
    (finding,) = about_page("A paper.", checksum="")
    assert (finding.code, finding.place.address, finding.stops) == (
        "unchecked_paper",
        "/clerk/meetings/1/papers/40/replace/",
        True,
    )


# The meeting


def test_past_or_cancelled_meeting():
    assert [(f.code, f.stops) for f in find_problems(subject(is_over=True))] == [("over", False)]
    assert said(subject(is_over=True, is_cancelled=True)) == [("cancelled", "The meeting")]


def test_expects_members_and_chair():
    assert said(subject(members=())) == [("no_members", "The meeting")]
    (finding,) = find_problems(subject(members=(("Councillor Anwen Pritchard", "Vice-chair"),)))
    assert (finding.code, finding.place.address) == ("no_chair", "/admin/inquiries/committee/2/change/")


def test_report_of_another_meeting():
    assert said(subject(report_item(report(meeting=9)))) == [("another_meeting", "Item 7")]


# Titles and dates


@pytest.mark.parametrize(
    ("title", "quoted"),
    [
        ("PROGRESS REPORT ONE YEAR ON", "PROGRESS REPORT ONE YEAR ON"),
        ("Progress 12 months on", "Progress 12 months on"),
        ("Twelve-month progress report", "Twelve-month progress report"),
        ("FINAL PROGRESS REPORT", "FINAL PROGRESS REPORT"),
    ],
)
def test_title_of_another_round(title, quoted):
    found = find_problems(subject(report_item(title=title)))
    assert [(f.code, f.place.where, f.quoted) for f in found] == [("title_disagrees", "Item 7", quoted)]


@pytest.mark.parametrize("title", ["PROGRESS SIX MONTHS ON", "6-month progress report", "Two years of crisis support"])
def test_accepts_title_that_agrees(title):
    assert find_problems(subject(report_item(title=title))) == []


@pytest.mark.parametrize("completed_on", [date(2015, 1, 11), date(2015, 4, 10), date(2015, 6, 10)])
def test_accepts_the_usual_months(completed_on):
    assert find_problems(subject(report_item(report(completed_on=completed_on)))) == []


@pytest.mark.parametrize(
    ("completed_on", "months"), [(date(2015, 1, 10), "10 months after"), (date(2015, 6, 11), "4 months after")]
)
def test_late_or_early_report(completed_on, months):
    (finding,) = find_problems(subject(report_item(report(completed_on=completed_on))))
    assert finding.code == "months_on"
    assert months in finding.message


@pytest.mark.parametrize(
    ("dated", "words"),
    [
        (None, "The report has no date of update."),
        (date(2015, 11, 17), "The update is dated 17 November 2015, after the meeting on 10 November 2015."),
        (date(2015, 9, 1), "The update is dated 1 September 2015, 70 days before the meeting."),
    ],
)
def test_compares_update_date(dated, words):
    made = report()
    made = replace(made, content=replace(made.content, update_date=dated))
    assert [(f.code, f.message) for f in find_problems(subject(report_item(made)))] == [("date_of_update", words)]


# Dates that will have passed


@pytest.mark.parametrize(
    "text",
    [
        "This will be discussed further at Cabinet on 9th November.",
        "This will be discussed at Cabinet on Monday 9 November 2015.",
        "It is due to go to Cabinet on November 9th, 2015.",
        "A decision is expected on 09/11/15.",
        "A decision is expected on 9.11.2015.",
        "The next meeting is on 2015-11-09.",
        "The scheme should open in October 2015.",
        "On 9 November Cabinet will decide.",
        "The pilot, which began in June, will report by the end of October.",
        # Between the writing of the update and the meeting, whatever the tense.
        "Cabinet discusses it on 9 November.",
    ],
)
def test_finds_passed_date(text):
    assert [(f.code, f.place.where) for f in about_update(text)] == [("date_passed", "Item 7, recommendation 1a")]


@pytest.mark.parametrize(
    "text",
    [
        "This will be discussed further at Cabinet on 9th December.",
        "The committee will hear of it on 10 November 2015.",
        "Cabinet agreed this on 3 September 2015, and it will go on.",
        "Following its meeting on 3 September, the group will widen its work.",
        "The Group is likely to next meet in late November / early December 2015.",
        "We may expect 9 people to march in 2016.",
        "The budget for 2015/16 will be 9.5 per cent higher.",
        "From April to October 2015 we met 12 groups.",
    ],
)
def test_ignores_other_dates(text):
    assert about_update(text) == []


@pytest.mark.parametrize("written", [None, date(2026, 11, 23)])
def test_unknown_writing_day(written):
    assert about_update("Cabinet discusses it on 9 November.", written=written) == []
    assert about_update("Cabinet will discuss it on 9 November.", written=written) != []


def test_does_not_search_minutes():
    page = "The strategy will go to Cabinet on 9 November 2015."
    assert [(f.code, f.place.where) for f in about_page("One.", page)] == [
        ("date_passed", "Item 8, “Budget outlook”, page 2")
    ]
    assert about_page(page, title="Minutes of the last meeting") == []


# Words said before


def test_finds_repeated_update():
    text = "Training  has been given to all\nteams."
    (finding,) = about_update(text, last_time="Training has been given to all teams")
    assert (finding.code, finding.place.where) == ("same_as_last_time", "Item 7, recommendation 1a")
    assert about_update(text, last_time="Training has been given to most teams") == []


def test_short_sentence_may_repeat():
    made = report(row("1a", "Already completed and in place."), row("2", "Already completed and in place."))
    assert find_problems(subject(report_item(made))) == []


# What was left in


@pytest.mark.parametrize(
    "text",
    [
        "Approved. [Director sign-off required]",
        "The cost is [£ to be inserted] a year.",
        "Led by [name].",
        "The cost is £XX a year.",
        "It starts on xx/xx/2015.",
        "The venue is TBC.",
        "Start date: T.B.C.",
        "Insert table here",
        "Interim/Final report",
        "Please delete as applicable.",
        "Click or tap here to enter text.",
        "See Error! Reference source not found.",
    ],
)
def test_finds_placeholders(text):
    assert [f.place.where for f in about_update(text)] == ["Item 7, recommendation 1a"]
    assert [f.place.where for f in about_page("One.", text)] == ["Item 8, “Budget outlook”, page 2"]


@pytest.mark.parametrize(
    "text",
    [
        "The judgment [2015] UKSC 5 and note [3], [4, 5] were read.",
        "He said: “[the council] did what it could [sic].”",
        "The XXIII Olympiad; the XX century.",
        "Children insert a coin into the machine.",
        "The interim and final reports were read.",
    ],
)
def test_ignores_legitimate_brackets(text):
    assert about_update(text) == []


# Words that run together


@pytest.mark.parametrize("word", ["themthis", "andthe", "organisationand", "wasthe", "agencymeeting", "servicesupport"])
def test_finds_run_together_words(word):
    assert [f.code for f in about_update(f"The team sees {word} again.")] == ["run_together"]


COMPOUNDS_NAMES_AND_ADDRESSES = """
wellbeing foodbanks jobcentres workstream signposting webpage outturn reablement safeguarding whistleblowing
stakeholders headteachers countywide benchmarking smartphones roundtable themselves Firmstep Bucksnet LEStheteam
follow-upthis theteam@wealdshire.example theteam.org.uk www.theteam.example/andthe “andthe” HP20the
"""


@pytest.mark.parametrize("word", COMPOUNDS_NAMES_AND_ADDRESSES.split())
def test_ignores_real_words(word):
    assert about_update(f"The team sees {word} again.") == []


def test_hyphen_as_lost_space():
    (finding,) = about_update("An application to the team from them-this will help.")
    assert (finding.code, finding.quoted) == (
        "run_together",
        "An application to the team from them-this will help.",
    )


def test_split_run_together():
    assert split_run_together("themthis") == "them this"
    assert split_run_together("organisation") == ""


# Papers


@pytest.mark.parametrize(
    ("pages", "changes", "code", "where"),
    [
        (("One.",), {"tagging": "untagged"}, "untagged", "Item 8, “Budget outlook”"),
        (("One.",), {"tagging": "faulty"}, "faulty_tags", "Item 8, “Budget outlook”"),
        (("One.", " \n", "Three."), {}, "empty_page", "Item 8, “Budget outlook”, page 2"),
        (("", ""), {}, "empty_page", "Item 8, “Budget outlook”, page 1"),
        (("Agenda Item 6\nBudget outlook",), {}, "another_item", "Item 8, “Budget outlook”, page 1"),
        (("Budget outlook\nPage 15\n",), {}, "own_pages", "Item 8, “Budget outlook”, page 1"),
        (("Budget outlook\n(Pages 15 - 20)",), {}, "own_pages", "Item 8, “Budget outlook”, page 1"),
        (("Budget\nPage 1 of 12",), {}, "page_count", "Item 8, “Budget outlook”, page 1"),
        (("One.",), {"title": "Budget (pages 3 - 14)"}, "typed_pages", "Item 8, “Budget (pages 3 - 14)”"),
        (("NOT FOR PUBLICATION\nContract",), {}, "says_not_for_publication", "Item 8, “Budget outlook”"),
        (("This report is not for publication.",), {}, "says_not_for_publication", "Item 8, “Budget outlook”"),
        (("With its appendix\nNot for publication",), {}, "says_not_for_publication", "Item 8, “Budget outlook”"),
        (("Budget\nDate: 13 October 2015",), {}, "dates_disagree", "Item 8, “Budget outlook”, page 1"),
        (
            ("One.",),
            {"title": "Budget, 10 November 2015", "name": "budget_2015-10-13.pdf"},
            "dates_disagree",
            "Item 8, “Budget, 10 November 2015”",
        ),
    ],
)
def test_finds_paper_faults(pages, changes, code, where):
    assert [(f.code, f.place.where) for f in about_page(*pages, **changes)] == [(code, where)]


def test_correct_paper():
    page = "Agenda Item 8\nBudget outlook\nDate: 10 November 2015\nPage 1 of 2"
    assert about_page(page, "More.", title="Budget, 10 November 2015", name="2015-11-10 budget.pdf") == []


def test_mention_of_withheld_appendix():
    assert about_page("The prices stand in the appendix, which is\nnot for publication. It is long.") == []


def test_finds_same_paper_twice():
    made = subject(paper_item(paper(title="Budget"), paper(title="Budget again")))
    assert [(f.code, f.message) for f in find_problems(made)] == [
        ("same_paper_twice", "This is the same file as Item 8, “Budget”.")
    ]


def test_title_with_page_numbers():
    made = report_item(title="CRISIS SUPPORT (PAGES 15 TO 20)")
    assert said(subject(made)) == [("typed_pages", "Item 7")]


@pytest.mark.parametrize(
    "words",
    [
        "[Director sign-off required]",
        "[Director sign\u2011off required]",
        "[Director sign\u2013off\nrequired]",
        "[Director sign-\noff\u00a0required]",
        "\uff3bDirector sign-o\ufb00 required\uff3d",
        "[Director si\u00adgn-off re\u200bquired]",
        "[**Director** sign-off *required*]",
        "[Director sign\\-off required\\]",
        "[DIRECTOR SIGNOFF OUTSTANDING]",
        "[To be signed off by the Director]",
        "[Awaiting Director's sign-off]",
        "{Director sign-off required}",
        "<Cabinet Member to sign off>",
        "(Director sign-off required)",
    ],
)
def test_a_missing_sign_off_is_found_in_any_spelling(words):
    assert find_sign_off_required(f"Approved. {words} The end.") == words


@pytest.mark.parametrize(
    "words",
    [
        "The sign-off [of 3 May] was required.",
        "It was signed off (the Director's sign-off was required).",
        "Sign-off is needed from [the Board] by May.",
    ],
)
def test_words_about_a_sign_off_are_none_that_is_missing(words):
    assert find_sign_off_required(words) == ""

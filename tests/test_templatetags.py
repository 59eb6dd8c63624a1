"""The tags that say things in the field's own words."""

from datetime import UTC, date, datetime
from types import SimpleNamespace

import html5lib
import pytest
from django.conf import settings
from django.contrib.messages import ERROR, INFO, SUCCESS, WARNING
from django.contrib.messages.storage.base import Message
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import RequestFactory

from inquiries.choices import GUIDANCE_GRID, RATING_COLOURS, Decision, Rating, Stage
from inquiries.documents.content import (
    ACCOUNT_HEADING,
    COLUMNS,
    GUIDANCE_HEADING,
    AccountEntry,
    Contributor,
    ExemptPart,
    NumberedText,
    ReportContent,
    Row,
)
from inquiries.templatetags.scrutiny import banners, decision, due, longdate, moment, page_numbers, prose, rating, stage

MEETING = date(2026, 11, 3)


# Prose


def test_prose_is_paragraphs_lists_and_links():
    assert prose("One\ntwo\n\n- a\n- b\n\nSee www.example.org.") == (
        '<p class="govuk-body">One<br>two</p>\n'
        '<ul class="govuk-list govuk-list--bullet"><li>a</li><li>b</li></ul>\n'
        '<p class="govuk-body">See <a class="govuk-link" href="https://www.example.org" rel="nofollow noopener">'
        "www.example.org</a>.</p>"
    )


def test_numbered_list_keeps_start():
    assert prose("3. c\n4. d") == '<ol class="govuk-list govuk-list--number" start="3"><li>c</li><li>d</li></ol>'


@pytest.mark.parametrize(
    ("typed", "printed"),
    [
        ("<script>alert(1)</script>", '<p class="govuk-body">&lt;script&gt;alert(1)&lt;/script&gt;</p>'),
        (
            "- <b>x</b> & y",
            '<ul class="govuk-list govuk-list--bullet"><li>&lt;b&gt;x&lt;/b&gt; &amp; y</li></ul>',
        ),
        ("javascript:alert(1)", '<p class="govuk-body">javascript:alert(1)</p>'),
        ("{{ settings.SECRET_KEY }} %s {0}", '<p class="govuk-body">{{ settings.SECRET_KEY }} %s {0}</p>'),
        ("", ""),
        (None, ""),
    ],
)
def test_escapes_user_text(typed, printed):
    assert prose(typed) == printed


# Ratings, stages, decisions


@pytest.mark.parametrize("value", list(Rating))
def test_rating_has_symbol_text_and_colour(value):
    html = rating(value)
    assert f'aria-hidden="true">{value.symbol}</span> {value.label}</strong>' in html
    assert f"scrutiny-rating--{value.colour}" in html


def test_no_rating_yet_is_said():
    assert rating(None) == '<span class="scrutiny-unassessed">to be assessed</span>'


@pytest.mark.parametrize("value", [0, 5, "x"])
def test_rejects_unknown_rating(value):
    with pytest.raises(ValueError, match="not a valid Rating"):
        rating(value)


@pytest.mark.parametrize("value", list(Stage))
def test_stage_tags(value):
    assert f">{value.label}</strong>" in stage(value.value)


@pytest.mark.parametrize("value", list(Decision))
def test_decision_tags(value):
    assert f">{value.label}</strong>" in decision(value.value)


# Dates


@pytest.mark.parametrize(
    ("today", "words"),
    [
        (date(2026, 10, 4), '<span class="scrutiny-due scrutiny-due--later">Due 3 November 2026, in 30 days</span>'),
        (date(2026, 10, 29), '<span class="scrutiny-due scrutiny-due--soon">Due 3 November 2026, in 5 days</span>'),
        (date(2026, 11, 2), '<span class="scrutiny-due scrutiny-due--soon">Due 3 November 2026, tomorrow</span>'),
        (date(2026, 11, 3), '<span class="scrutiny-due scrutiny-due--soon">Due 3 November 2026, today</span>'),
    ],
)
def test_deadline_shows_time_left(today, words):
    assert due(MEETING, today) == words


@pytest.mark.parametrize(("today", "late"), [(date(2026, 11, 4), "1 day"), (date(2026, 11, 6), "3 days")])
def test_missed_deadline_shows_lateness(today, late):
    assert due(MEETING, today) == (
        f'<span class="scrutiny-due scrutiny-due--late"><strong>{late} overdue</strong>, was due 3 November 2026</span>'
    )


def test_no_deadline_is_empty():
    assert due(None, MEETING) == ""


def test_dates_are_written_out():
    assert longdate(MEETING) == "3 November 2026"
    assert longdate(None) == ""


def test_moment_is_in_local_time():
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert longdate(late) == "1 July 2026"
    assert moment(late) == "1 July 2026 at 00:30"
    assert moment(None) == ""


# Lists over several pages


def test_pages_left_out_are_marked():
    assert page_numbers(Paginator(range(200), 10), 10) == [1, 2, None, 7, 8, 9, 10, 11, 12, 13, None, 19, 20]


def test_page_links_keep_query():
    request = RequestFactory().get("/inquiries/", {"q": "crisis & co", "page": "2"})
    html = render_to_string("components/pagination.html", {"page": Paginator(range(30), 10).page(2)}, request)
    assert 'href="?q=crisis+%26+co&amp;page=3"' in html
    assert 'aria-label="Page 2" aria-current="page"' in html


def test_single_page_has_no_numbers():
    request = RequestFactory().get("/inquiries/")
    html = render_to_string("components/pagination.html", {"page": Paginator(range(3), 10).page(1)}, request)
    assert html.strip() == ""


# The report as the template prints it


def a_report(*rows, **changes):
    whole = {
        "committee": "Environment Select Committee",
        "inquiry": "Crisis support",
        "months_on": 6,
        "completion": "April 2026 (Cabinet)",
        "update_date": date(2026, 11, 10),
        "lead_officers": (("Phil Dart", ("5a",)),),
        "cabinet_members": (),
        "rows": rows,
    }
    return ReportContent(**{**whole, **changes})


def a_row(**changes):
    whole = {
        "recommendations": (NumberedText("1a", "Publish a plan."), NumberedText("1b", "Pay for it.")),
        "decision": "accepted",
        "response": "We will.",
        "update": "Done in May.",
    }
    return Row(**{**whole, **changes})


def printed(content):
    """The page's tables as lists of rows of cell texts, after a strict reading of its HTML."""
    html = render_to_string("components/report_table.html", {"content": content})
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    page = parser.parse(f"<!doctype html><html><head><title>x</title></head><body>{html}</body></html>")
    tables = [
        [[words(cell) for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
        for table in page.iter("table")
    ]
    return html, tables


def words(element):
    return " ".join("".join(element.itertext()).split())


def test_row_with_two_recommendations_has_four_columns():
    _, tables = printed(a_report(a_row(contributors=(Contributor("Janice Moore", "Manager"),))))
    assert tables == [
        [
            list(COLUMNS),
            [
                "1a Publish a plan. 1b Pay for it.",
                "We will.",
                "Done in May. (Janice Moore, Manager)",
                "to be assessed",
            ],
        ]
    ]


def test_stacked_table_keeps_roles():
    html, _ = printed(a_report(a_row()))
    assert html.count('role="cell"') == 4
    assert html.count('role="columnheader"') == 4
    assert html.count('role="row"') == 2
    assert [f'data-label="{column}"' in html for column in COLUMNS] == [True] * 4


def test_shows_partial_acceptance():
    _, tables = printed(a_report(a_row(decision="in_part"), a_row()))
    assert [row[1] for row in tables[0][1:]] == ["Accepted in part We will.", "We will."]


def test_shows_rating_with_comment():
    _, tables = printed(a_report(a_row(rating=2, comment="Keep going.")))
    assert tables[0][1][3] == "★ On track Keep going."


def test_exempt_part_is_announced_not_shown():
    exempt = ExemptPart(3, "Information relating to the financial or business affairs of any particular person")
    _, tables = printed(a_report(a_row(exempt=exempt)))
    assert tables[0][1][2] == (
        "Done in May. Part of this update is not for publication. It is exempt information under Schedule 12A, Part 1, "
        "of the Local Government Act 1972, paragraph 3: Information relating to the financial or business affairs of "
        "any particular person"
    )


def test_evidence_and_the_officers_own_view_stand_with_the_update():
    html, tables = printed(a_report(a_row(officer_view="Complete", evidence=(("The plan", "https://example.org/p"),))))
    assert tables[0][1][2] == "Done in May. The lead officer's own view: Complete The plan"
    assert 'href="https://example.org/p" rel="nofollow noopener"' in html


def test_numbers_that_are_not_in_the_table_are_accounted_for():
    entry = AccountEntry((NumberedText("3b", "Buy it."),), "Not accepted", "It costs too much.")
    html, tables = printed(a_report(a_row(), account=(entry,)))
    assert tables[1] == [
        ["Recommendation", "Outcome", "Reason"],
        ["3b Buy it.", "Not accepted", "It costs too much."],
    ]
    assert ACCOUNT_HEADING in html


def test_guidance_is_two_by_two():
    html, _ = printed(a_report(a_row()))
    heading = html.index(GUIDANCE_HEADING.replace("'", "&#x27;"))
    places = [html.index(one.guidance, heading) for line in GUIDANCE_GRID for one in line]
    assert places == sorted(places)


def test_header_lines_match_template():
    html, _ = printed(a_report(a_row()))
    assert "Interim Progress Report (6 months on)" in html
    assert "Phil Dart (5a)" in html
    assert "not yet signed off" in html


# Tasks and history


def test_waiting_task_is_no_link():
    tasks = [
        SimpleNamespace(name="1a", href="/x/", hint="", status="Not started", colour="teal", due=MEETING),
        SimpleNamespace(name="2", href="", hint="", status="Submitted", colour="", due=None),
    ]
    context = {"tasks": tasks, "today": date(2026, 11, 1), "id_prefix": "task"}
    html = render_to_string("components/task_list.html", context)
    assert html.count("<a ") == 1
    assert "Due 3 November 2026, in 2 days" in html
    assert 'aria-describedby="task-1-hint task-1-status"' in html


def test_history_is_told_day_by_day():
    entry = SimpleNamespace(
        at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC),
        by_name="Asha Patel",
        sentence="wrote <b>",
        on_behalf_of="Phil Dart",
        note="By telephone",
    )
    html = render_to_string("components/history.html", {"history": [(date(2026, 7, 1), [entry])]})
    assert "1 July 2026" in html
    assert ">00:30</time> Asha Patel wrote &lt;b&gt;, on behalf of Phil Dart: “By telephone”</li>" in html


def test_messages_share_a_banner_with_those_of_their_kind():
    said = [Message(level, words) for level, words in ((INFO, "A"), (SUCCESS, "B"), (WARNING, "C"), (ERROR, "D"))]
    kinds = [(kind, [message.message for message in together]) for kind, together in banners(said)]
    assert kinds == [("trouble", ["D"]), ("done", ["B"]), ("important", ["A", "C"])]
    assert banners(None) == []


@pytest.mark.parametrize(("page_problems", "keep"), [([], False), ([("Enter a title", "#id_title")], True)])
def test_banner_does_not_take_focus_from_errors(page_problems, keep):
    said = [Message(SUCCESS, "Added."), Message(INFO, "One."), Message(INFO, "Two.")]
    page = render_to_string("components/notification.html", {"messages": said, "page_problems": page_problems})
    done, important = page.split('class="govuk-notification-banner')[1], page.split('role="region"')[1]
    assert ("data-disable-auto-focus" in done.split(">")[0]) is keep
    assert "data-disable-auto-focus" in important.split(">")[0]
    assert page.count('role="region"') == 1 and "One." in important and "Two." in important


def test_stylesheet_uses_the_colours_of_ratings():
    sheet = (settings.BASE_DIR / "static" / "css" / "scrutiny.css").read_text(encoding="utf-8")
    for name, (ink, background) in RATING_COLOURS.items():
        rule = f"{{ color: {ink}; background: {background}; border-color: {ink}; }}"
        assert f".scrutiny-rating--{name} .scrutiny-rating__symbol {rule}" in sheet
    assert {rating.colour for rating in Rating} == set(RATING_COLOURS)

"""Progress reports of a county that does not exist, for the tests of the documents."""

from dataclasses import replace
from datetime import date

from inquiries.choices import Decision, Rating
from inquiries.documents.content import (
    AccountEntry,
    Contributor,
    Correction,
    ExemptPart,
    NumberedText,
    ReportContent,
    Row,
)

SENTENCE = (
    "The parish councils of the Upper Vale have asked for the bus that used to bring pupils home after clubs, and "
    "the county's officers have ridden it themselves, counted who gets on and off, and written down what they heard. "
)


def row(reference="1", **changes):
    """One plain row, with what a test wants to be otherwise."""
    plain = Row(
        recommendations=(NumberedText(reference, "That evening buses be kept in the Upper Vale."),),
        decision=Decision.ACCEPTED,
        response="The evening buses will be kept for two years.",
        update="The contract was signed in March.",
    )
    return replace(plain, **changes)


def report(rows=None, **changes):
    """A report with these rows (one plain row if none are given)."""
    rows = (row(),) if rows is None else tuple(rows)
    plain = ReportContent(
        committee="Young People's Select Committee",
        inquiry="Getting Home from School",
        months_on=6,
        completion="April 2026 (Cabinet)",
        update_date=date(2026, 11, 10),
        lead_officers=(("Siân Llŷr-Ôwain", tuple(r for one in rows for r in one.references)),) if rows else (),
        cabinet_members=("Cllr Margaret O'Hara",),
        rows=rows,
    )
    return replace(plain, **changes)


def full_report():
    """Everything that a report can hold, once."""
    return report(
        months_on=12,
        after_meeting=True,
        lead_officers=(("Siân Llŷr-Ôwain", ("1", "2")), ("Tom Fairweather", ("5a",))),
        cabinet_members=("Cllr Margaret O'Hara", "Cllr Idris Wood"),
        rows=(
            Row(
                recommendations=(
                    NumberedText("1a", "That the county's “late bus” runs until 7.15pm on school days."),
                    NumberedText("1b", "That its timetable be shown on www.example.org/late-bus and at each stop."),
                ),
                decision=Decision.ACCEPTED,
                response="Agreed. The bus costs £48,500 a year.\n\nWe shall:\n- extend the contract;\n- tell schools.",
                update=(
                    "The late bus has run since 5 January.\n\nIt's used by 140 pupils a day – see "
                    "https://www.example.org/late-bus/timetable?term=spring. What comes next:\n\n"
                    "1. a stop at Nether Poppleford;\n2. a second vehicle.\n\nBoth are ordered."
                ),
                lead_officer="Siân Llŷr-Ôwain",
                contributors=(Contributor("Siân Llŷr-Ôwain", "Head of Travel"), Contributor("Ed Moss")),
                officer_view="Complete",
                forecast_date=date(2026, 12, 31),
                rating=Rating.IMPLEMENTED,
                comment="The committee thanked the drivers.\n\nIt asks for figures in a year.",
                corrections=(Correction(date(2026, 12, 3), "The minute says otherwise."),),
                evidence=(
                    ("Passenger count, spring", "https://www.example.org/count.pdf"),
                    ("A note kept in the office", "cabinet file 7"),
                ),
            ),
            row(
                "2",
                decision=Decision.IN_PART,
                update="",
                rating=Rating.ON_TRACK,
                target_date=date(2027, 3, 31),
            ),
            row("5a", decision=Decision.IN_PRINCIPLE, rating=Rating.CONCERNS, lead_officer="Tom Fairweather"),
            row(
                "6",
                rating=Rating.NOT_DELIVERED,
                update="- the depot was sold\n- no other was found",
                contributors=(Contributor("Ed Moss"),),
                exempt=ExemptPart(
                    3,
                    "3. Information relating to the financial or business affairs of any particular person "
                    "(including the authority holding that information)",
                ),
            ),
            row("8", recommendations=(NumberedText("8", "That somebody count the bicycles.", given=True),)),
        ),
        account=(
            AccountEntry(
                (NumberedText("3b", "That fares be frozen."),),
                "Not accepted",
                "Cabinet wrote:\n\nThe county cannot pay for it.",
            ),
            AccountEntry((NumberedText("4", "That the depot be painted."),), "Withdrawn by the committee"),
        ),
        closed=(
            AccountEntry(
                (NumberedText("2", "That buses be painted."),),
                "Superseded, decided at the meeting on 10 November 2026",
                "The county has none left:\n- two were sold;\n- one burnt out.",
            ),
        ),
    )


def long_report():
    """Rows that each fill more than a page, and short ones between them."""
    return report(
        rows=(
            row("1", update="\n\n".join([SENTENCE * 4] * 12), response="\n\n".join([SENTENCE * 3] * 4)),
            row("2"),
            row("3", update="\n".join(f"- {SENTENCE}" for _ in range(30))),
            row("4", recommendations=(NumberedText("4a", SENTENCE * 40), NumberedText("4b", SENTENCE * 3))),
            row("5"),
        )
    )


def words(count):
    """A text of so many words."""
    return " ".join((SENTENCE.split() * (count // 30))[:count])


def hostile_report():
    """What nobody should type and somebody will."""
    nasty = '#eval("1") *bold* _it_ $x$ = heading #read("/etc/passwd") `raw` <label> @ref \\ // x /* y */ [a](b) & <b>'
    return report(
        inquiry=nasty,
        rows=(
            row("1", response=nasty, update=f'{nasty}\n\n#import "x"\n= h\n+ a\n- b', comment=nasty),
            row("2", response="x" * 10_000, update="W" * 10_000, comment="M" * 300, rating=Rating.CONCERNS),
            row("3", update=words(3_000)),
            row(
                "4",
                response="مرحبا بكم في المجلس 2026",
                update="Da iawn 👍🏽 👨‍👩‍👧 ❤️ ✓ Llŷr ŵ ẁ",
                comment="Z̴̧̛̺͔͓̥̻a̸l̷g̶o",
            ),
            row(
                "5",
                response="a\x00b\x07c\x1b[31m\ufeffd\u202eevil\u2028new",
                update="漢字 \U0001f9ff \ue000 \U0010ffff",
            ),
            row("6", response="=1+1", update="+a\n-b\n@c\n\td", comment='=HYPERLINK("http://x")'),
            row("7", response="e" + "\u0301" * 50_000, update="www." + "a/" * 3_000),
        ),
    )

"""A tracker as councils have them: 500 rows over 30 inquiries, with odd headings, merged cells and mixed dates.

`facts()` are its rows as plain facts, `workbook()` the same as an Excel file.
"""

import io
from dataclasses import dataclass
from datetime import date, timedelta

from openpyxl import Workbook
from openpyxl.styles import Font

INQUIRIES, ROWS = 30, 500
COMMITTEES = ("Communities Select Committee", "Environment Select Committee", "Children's Select Committee")
OWNERS = ("Jo Hartley, Head of Roads", "Tom Okafor", "Sam Field", "Priya Nair (Team Manager)", "Alex Moss")
PORTFOLIOS = ("Transport", "Communities", "Children")
DECISIONS = ("Agreed", "Agreed", "Accepted in part", "Rejected", "Accepted in principle")
RATINGS = ("Fully done", "Green", "Amber", "Red")
GROUPS = {
    "Six-month update": ("Progress", "Date", "Scrutiny RAG"),
    "12 month review": ("Progress", "Date", "Scrutiny RAG"),
}
HEADINGS = (
    *("Scrutiny Review", "Panel", "Rec", "What was recommended", "Cabinet said", "Reply from Cabinet"),
    *("Reason if not accepted", "Date of Cabinet", "Owner", "Portfolio", "Original due date", "Due"),
)
LAST = ("Where is it now?", "Date closed", "Remarks")


@dataclass
class Fact:
    inquiry: str
    committee: str
    reference: str
    text: str
    decision: str
    response: str
    reason: str
    responded_on: date
    owner: str
    portfolio: str
    original_target_date: date | None
    target_date: date | None
    rounds: list[tuple[int, str, date, str]]  # months, text, date, rating
    status: str = ""
    closed_on: date | None = None
    remarks: str = ""

    @property
    def is_accepted(self):
        return self.decision != "Rejected"


def facts():
    found = []
    for number in range(ROWS):
        place = number % INQUIRIES
        count = number // INQUIRIES + 1
        decision = DECISIONS[(count + place) % len(DECISIONS)]
        responded = date(2022, 1, 10) + timedelta(days=37 * place)
        lettered, dotted = f"{(count + 1) // 2}{'ba'[count % 2]}", f"1.{count}"
        fact = Fact(
            inquiry=f"Review {place + 1}: {('Roads', 'Homes', 'Schools')[place % 3]} and people",
            committee=COMMITTEES[place % 3],
            reference=(lettered, dotted, str(count), f"R{count}")[place % 4],
            text=f"That the council does thing {number}, with care and “quotation marks”.",
            decision=decision,
            response=f"It will be done as set out in paper {number}.",
            reason=f"There is no money for {number}." if decision != "Agreed" else "",
            responded_on=responded,
            owner=OWNERS[number % len(OWNERS)],
            portfolio=PORTFOLIOS[place % 3],
            original_target_date=None,
            target_date=None,
            rounds=[],
        )
        if fact.is_accepted:
            fact.original_target_date = responded + timedelta(days=300)
            fact.target_date = fact.original_target_date + timedelta(days=90 * (number % 2))
            for months in (6, 12) if place % 5 else (6,):
                text = f"After {months} months, {number} is going on.\nA second line."
                fact.rounds.append(
                    (months, text, responded + timedelta(days=months * 31), RATINGS[(number + months) % 4])
                )
            if number % 7 == 0:
                fact.status, fact.closed_on = "Overtaken by events", responded + timedelta(days=400)
            fact.remarks = "See the file." if number % 11 == 0 else ""
        found.append(fact)
    return sorted(found, key=lambda fact: int(fact.inquiry.split(":")[0].removeprefix("Review ")))


def written(day, number):
    """The same date in the ways in which people write it."""
    return (day, f"{day.day}.{day.month}.{day:%y}", f"{day:%d/%m/%Y}", f"{day.day} {day:%B %Y}")[number % 4]


def workbook(rows=ROWS):
    book = Workbook()
    book.active.title = "Read me"
    book.active["A1"] = "How to use this workbook"
    book.create_sheet("Lists").sheet_state = "hidden"
    book["Lists"]["A1"] = "Agreed"
    sheet = book.create_sheet("Tracker 22-26")
    sheet["A1"] = "Scrutiny recommendations"
    sheet["A1"].font = Font(bold=True)
    sheet.merge_cells("A1:U1")
    column = len(HEADINGS) + 1
    for place, heading in enumerate(HEADINGS, start=1):
        sheet.cell(4, place, heading)
    for group, headings in GROUPS.items():
        sheet.cell(3, column, group)
        sheet.merge_cells(start_row=3, start_column=column, end_row=3, end_column=column + len(headings) - 1)
        for heading in headings:
            sheet.cell(4, column, heading)
            column += 1
    for heading in LAST:
        sheet.cell(4, column, heading)
        column += 1
    start = 5
    for row, fact in enumerate(facts()[:rows], start=start):
        values = [fact.inquiry, fact.committee, fact.reference, fact.text, fact.decision, fact.response, fact.reason]
        values += [written(fact.responded_on, row), fact.owner, fact.portfolio]
        values += [day and written(day, row + 1) for day in (fact.original_target_date, fact.target_date)]
        by_months = {months: rest for months, *rest in fact.rounds}
        for months in (6, 12):
            text, day, rating = by_months.get(months, (None, None, None))
            values += [text, day and written(day, row + 2), rating]
        values += [fact.status, fact.closed_on, fact.remarks]
        for place, value in enumerate(values, start=1):
            if value not in (None, ""):
                sheet.cell(row, place, value)
        if fact.reference.startswith("1."):
            sheet.cell(row, 3, float(fact.reference)).number_format = f"0.{'0' * (len(fact.reference) - 2)}"
    merge_runs(sheet, start)
    sheet["Z900"] = "  "
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def merge_runs(sheet, start):
    """Merge the cells of one inquiry in the columns of the inquiry and its committee."""
    first = start
    for row in range(start + 1, sheet.max_row + 2):
        if sheet.cell(row, 1).value != sheet.cell(first, 1).value:
            for column in (1, 2):
                sheet.merge_cells(start_row=first, start_column=column, end_row=row - 1, end_column=column)
            first = row

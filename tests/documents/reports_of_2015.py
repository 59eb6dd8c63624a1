"""Items 6 and 8 of 10 November 2015 in the council's template: made-up words, and the parts that the papers had.

Head, sections, table, picture, footnote, and the sign-off that item 8 went out without.
"""

from datetime import date
from io import BytesIO

from PIL import Image, ImageDraw

from inquiries.documents.content import Contributor
from inquiries.documents.officer_report import (
    CABINET_MEMBER,
    DIRECTOR,
    ContactOfficer,
    OfficerReport,
    ReportSection,
    ReportSignOff,
)
from inquiries.documents.report_markup import read_markup

COUNCIL = "Buckinghamshire County Council"
COMMITTEE = "Finance, Performance and Resources Select Committee"
MEETING = date(2015, 11, 10)
TRANSFORMATION = {
    "Purpose": "The committee is asked to **note** how the council's Future Shape programme stands after its first "
    "year, and to say which parts of it the budget scrutiny inquiry of January 2016 should look into.",
    "Background": "Cabinet agreed the Future Shape programme in 2014[^1]. It put *business units* in the place of "
    "directorates, each with a managing director, a plan and a budget of its own.\n\n"
    "See https://www.buckscc.gov.uk/future-shape for the plans.\n\n"
    "[^1]: Cabinet, 10 February 2014, [minute 7](https://democracy.buckscc.gov.uk/cabinet?id=7&item=a).",
    "Summary": "- Savings of £12.4m are delivered, £1.1m less than was planned\n"
    "- Two business units are behind:\n  - Children's Services\n  - Transport\n- No service has closed",
    "Key issues": "## Savings\n\nTable: Savings by business unit, £000\n"
    "| Business unit | Planned | Delivered | What is behind |\n"
    "| Children's Services | 3,200 | 2,450 | Placements ↵ Legal costs |\n"
    "| Transport, Economy and Environment | 4,100 | 3,750 | Street lighting |\n"
    "| Resources | 6,200 | 6,200 | |\n\n"
    "## The years to come\n\n"
    '![The gap grows from £8m in 2016/17 to £31m in 2019/20.](gap.png "The gap in the budget, £m")\n\n'
    "Three things follow:\n\n1. fewer buildings\n2. shared services\n3. more income",
    "Resource implications": "None beyond the medium-term plan. The programme office costs £240,000 a year.",
    "Next steps": "Each unit's plan goes to Cabinet on 14 December 2015; the committee takes evidence in January.",
}
WORK_PROGRAMME = {
    "Purpose": "For members to **agree** the committee's work programme to May 2016.",
    "Background": "The programme is reviewed at each meeting.",
    "Summary": "Four meetings are left in this municipal year.",
    "Key issues": "Table: Meetings to come\n| Date | Subject | Who attends |\n"
    "| 15 December 2015 | Organisational development | Cabinet Member for Resources |\n"
    "| 12 January 2016 | Budget scrutiny[^1] | All Cabinet Members |\n\n[^1]: In public, over three days.",
    "Resource implications": "The inquiry needs a second officer for six weeks.",
    "Next steps": "The chairman reports to the next meeting.",
}


def made(title, texts, **head):
    sections = tuple(ReportSection(heading, read_markup(text).blocks) for heading, text in texts.items())
    return OfficerReport(COUNCIL, COMMITTEE, title, MEETING, sections=sections, **head)


ITEM_6 = made(
    "Transformation and budget scrutiny",
    TRANSFORMATION,
    authors=(Contributor("Rachel Lane", "Programme Manager"),),
    contact=ContactOfficer("Rachel Lane", "Programme Manager", "01296 382000", "rlane@buckscc.example"),
    sign_offs=(
        ReportSignOff(DIRECTOR, "Gill Harper", "Director of Strategy", date(2015, 10, 28)),
        ReportSignOff(CABINET_MEMBER, "John Chambers", "Cabinet Member for Finance and Resources", date(2015, 10, 30)),
    ),
)
# It went out like this.
ITEM_8 = made(
    "Committee work programme",
    WORK_PROGRAMME,
    authors=(Contributor("Kate Wills", "Committee Adviser"),),
    contact=ContactOfficer("Kate Wills", "Committee Adviser", "01296 383000", "kwills@buckscc.example"),
    sign_offs=(ReportSignOff(DIRECTOR),),
)


def chart():
    picture = Image.new("RGB", (900, 400), "white")
    draw = ImageDraw.Draw(picture)
    for number, height in enumerate((80, 160, 240, 310)):
        draw.rectangle((80 + number * 200, 380 - height, 200 + number * 200, 380), fill=(60, 60, 60))
    data = BytesIO()
    picture.save(data, "PNG")
    return data.getvalue()

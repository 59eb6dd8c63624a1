"""The tracker as columns and cells, for Excel and CSV."""

from inquiries.choices import Decision, OfficerView, Rating, TrackerState
from inquiries.documents.xlsx import Column

TRACKER_COLUMNS = (
    Column("Inquiry", 30),
    Column("Committee", 22),
    Column("Number", 9),
    Column("Recommendation", 60),
    Column("Decision", 16),
    Column("Response", 50),
    Column("Lead officer", 22),
    Column("Portfolio", 22),
    Column("Cabinet Member", 22),
    Column("Original target date", 18),
    Column("Target date", 18),
    Column("Rating", 15),
    Column("Rated on", 18),
    Column("Officer’s view", 15),
    Column("Next report (months on)", 11),
    Column("Next report due", 18),
    Column("State", 22),
    Column("Days late", 9),
    Column("What is late", 13),
    Column("Page", 40),
)


def tracker_cells(row, portfolio, address, today):
    """The cells of a TrackerRow: texts, numbers, dates, None. `address` is that of its page."""
    recommendation = row.recommendation
    response, late = recommendation.response, row.days_late(today)
    officer, member = (response.lead_officer, response.cabinet_member) if response else (None, None)
    return (
        row.inquiry.title,
        row.committee.name,
        recommendation.reference,
        recommendation.text,
        Decision(row.decision).label if row.decision else "",
        response.answer if response else "",
        officer.name if officer else "",
        portfolio,
        member.name if member else "",
        row.original_target_date,
        row.target_date,
        Rating(row.rating).label if row.rating else "",
        row.rated_on,
        OfficerView(row.officer_view).label if row.officer_view else "",
        row.months,
        row.months_due_on,
        TrackerState(row.state).label,
        late or None,
        row.what_is_due if late else "",
        address,
    )

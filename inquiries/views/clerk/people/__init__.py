"""The clerk's pages of people: found, invited, changed, seated, recorded as leavers, merged."""

from inquiries.views.clerk.people.finding import people, person
from inquiries.views.clerk.people.inviting import change_person, invite, send_invitation
from inquiries.views.clerk.people.leaving import record_leaver, record_return
from inquiries.views.clerk.people.merging import merge_person
from inquiries.views.clerk.people.seats import (
    change_portfolio,
    change_seat,
    end_portfolio,
    end_seat,
    give_portfolio,
    give_seat,
)

__all__ = [
    "change_person",
    "change_portfolio",
    "change_seat",
    "end_portfolio",
    "end_seat",
    "give_portfolio",
    "give_seat",
    "invite",
    "merge_person",
    "people",
    "person",
    "record_leaver",
    "record_return",
    "send_invitation",
]

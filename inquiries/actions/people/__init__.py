"""People who come, change and go: invited, given seats, recorded as leavers, two records of one merged."""

from inquiries.actions.people.clerks import make_clerk
from inquiries.actions.people.doubles import likely_doubles, other_records_of
from inquiries.actions.people.invitations import change_person, invite, send_invitation
from inquiries.actions.people.leaving import record_leaver, record_return
from inquiries.actions.people.merging import check_can_merge, merge_person, what_moves
from inquiries.actions.people.seats import (
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
    "check_can_merge",
    "end_portfolio",
    "end_seat",
    "give_portfolio",
    "give_seat",
    "invite",
    "likely_doubles",
    "make_clerk",
    "merge_person",
    "other_records_of",
    "record_leaver",
    "record_return",
    "send_invitation",
    "what_moves",
]

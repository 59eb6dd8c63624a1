"""People from a CSV file: kept as they were read, planned against what is recorded, recorded in one go."""

from inquiries.actions.people_import.planning import Plan, PlannedPerson, PlannedRow, plan_people
from inquiries.actions.people_import.recording import ChangedSince, forget_import, keep_people, read_of, record_people

__all__ = [
    "ChangedSince",
    "Plan",
    "PlannedPerson",
    "PlannedRow",
    "forget_import",
    "keep_people",
    "plan_people",
    "read_of",
    "record_people",
]

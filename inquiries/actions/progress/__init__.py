"""The life of a progress report, step by step as `rules.STEPS` has it."""

from inquiries.actions.progress.reports import close_collection, commission, reopen, reschedule
from inquiries.actions.progress.sign_offs import name_cabinet_members, record_sign_off, sign_off
from inquiries.actions.progress.steps import EditClash, locked
from inquiries.actions.progress.updates import (
    name_contributors,
    record_sittings,
    replace_evidence,
    return_update,
    save_update,
    submit_update,
)

__all__ = [
    "EditClash",
    "close_collection",
    "commission",
    "locked",
    "name_cabinet_members",
    "name_contributors",
    "record_sign_off",
    "record_sittings",
    "reopen",
    "replace_evidence",
    "reschedule",
    "return_update",
    "save_update",
    "sign_off",
    "submit_update",
]

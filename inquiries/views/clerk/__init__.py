"""What a clerk sees and does: one module for each kind of thing; `urls.py` finds all pages here."""

from inquiries.views.clerk.commissioning import commission, reschedule
from inquiries.views.clerk.imports import import_preview, import_upload
from inquiries.views.clerk.inquiries import (
    change_target_date,
    end_recommendation,
    publish_inquiry,
    resume_recommendation,
    reword_recommendation,
    withdraw_inquiry,
)
from inquiries.views.clerk.reports import close_collection, manage, publish, record_sign_off, reopen

__all__ = [
    "change_target_date",
    "close_collection",
    "commission",
    "end_recommendation",
    "import_preview",
    "import_upload",
    "manage",
    "publish",
    "publish_inquiry",
    "record_sign_off",
    "reopen",
    "reschedule",
    "resume_recommendation",
    "reword_recommendation",
    "withdraw_inquiry",
]

"""What a clerk sees and does: one module for each kind of thing; `urls.py` finds all pages here."""

from inquiries.views.clerk.commissioning import commission, reschedule
from inquiries.views.clerk.importing_people import import_people, people_import, people_template
from inquiries.views.clerk.imports import import_preview, import_upload
from inquiries.views.clerk.inquiries import (
    change_target_date,
    end_recommendation,
    publish_inquiry,
    resume_recommendation,
    reword_recommendation,
    withdraw_inquiry,
)
from inquiries.views.clerk.meetings import (
    add_item,
    agenda,
    call_meeting,
    cancel_meeting,
    change_item,
    change_meeting,
    move_item,
    remove_item,
)
from inquiries.views.clerk.packs import (
    build_pack,
    check_pack,
    clear_words,
    front_sheet,
    pack,
    pack_progress,
    publish_pack,
    reprint_item,
    unplan_pack,
    withdraw_pack,
)
from inquiries.views.clerk.papers import add_paper, change_paper, move_paper, remove_paper, replace_paper
from inquiries.views.clerk.personal_data import erase_person, export_person
from inquiries.views.clerk.reports import close_collection, manage, publish, record_sign_off, reopen
from inquiries.views.clerk.sessions import end_sessions, reset_second_factor

__all__ = [
    "add_item",
    "add_paper",
    "agenda",
    "build_pack",
    "call_meeting",
    "cancel_meeting",
    "change_item",
    "change_meeting",
    "change_paper",
    "change_target_date",
    "check_pack",
    "clear_words",
    "close_collection",
    "commission",
    "end_recommendation",
    "end_sessions",
    "erase_person",
    "export_person",
    "front_sheet",
    "import_people",
    "import_preview",
    "import_upload",
    "manage",
    "move_item",
    "move_paper",
    "pack",
    "pack_progress",
    "people_import",
    "people_template",
    "publish",
    "publish_inquiry",
    "publish_pack",
    "record_sign_off",
    "remove_item",
    "remove_paper",
    "reopen",
    "replace_paper",
    "reprint_item",
    "reschedule",
    "reset_second_factor",
    "resume_recommendation",
    "reword_recommendation",
    "unplan_pack",
    "withdraw_inquiry",
    "withdraw_pack",
]

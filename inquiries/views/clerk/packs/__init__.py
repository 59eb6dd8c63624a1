"""Agenda packs, as their clerk meets them: built, checked, published, printed."""

from inquiries.views.clerk.packs.building import build_pack, pack, pack_progress
from inquiries.views.clerk.packs.checking import check_pack, clear_words
from inquiries.views.clerk.packs.printing import front_sheet, reprint_item
from inquiries.views.clerk.packs.publishing import publish_pack, unplan_pack, withdraw_pack

__all__ = [
    "build_pack",
    "check_pack",
    "clear_words",
    "front_sheet",
    "pack",
    "pack_progress",
    "publish_pack",
    "reprint_item",
    "unplan_pack",
    "withdraw_pack",
]

"""The agenda packs of a meeting: planned, built, searched for what is withheld, published, withdrawn."""

from inquiries.actions.packs.building import build_packs
from inquiries.actions.packs.issues import (
    clear_words,
    current_contents,
    findings_for,
    is_out_of_date,
    latest_packs,
    plan_of,
    save_plan,
    supplements_of,
)
from inquiries.actions.packs.publishing import (
    is_late,
    plan_publication,
    publish_packs,
    publish_planned,
    restricted_beside,
    unplan_publication,
    withdraw_pack,
)
from inquiries.actions.withholding import Withheld

__all__ = [
    "Withheld",
    "build_packs",
    "clear_words",
    "current_contents",
    "findings_for",
    "is_late",
    "is_out_of_date",
    "latest_packs",
    "plan_of",
    "plan_publication",
    "publish_packs",
    "publish_planned",
    "restricted_beside",
    "save_plan",
    "supplements_of",
    "unplan_publication",
    "withdraw_pack",
]

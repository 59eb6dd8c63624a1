"""The dates of a meeting as this council counts them: the rules of `rules.py` with the council's settings."""

from django.conf import settings

from inquiries import rules


def counting():
    """How this council counts clear days, from the settings."""
    return rules.ClearDays(settings.COUNT_SATURDAY, settings.EXCLUDE_CHRISTMAS_EVE)


def deadlines_for(meeting):
    """The deadlines of a report that goes to `meeting`, from the settings."""
    return rules.deadlines(
        meeting.day,
        counting(),
        sign_off_days=settings.SIGN_OFF_DAYS_BEFORE_PUBLICATION,
        update_days=settings.UPDATES_DAYS_BEFORE_SIGN_OFF,
    )

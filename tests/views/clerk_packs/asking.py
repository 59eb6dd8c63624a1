"""How the tests ask the clerk's pages of a pack, and what they read in the answers."""

from datetime import timedelta

from django.urls import reverse

from inquiries.actions import packs
from tests.cast import NOW

THEN = NOW + timedelta(hours=1)


def at(name, meeting, *more, supplement=0):
    return reverse(f"clerk:{name}", args=[meeting.pk, supplement, *more])


def words(answer):
    return " ".join(answer.content.decode().split())


def errors(answer):
    return [message for message, _ in answer.context["form"].error_summary()]


def said(answer):
    return [str(message) for message in answer.context["messages"]]


def build(meeting, clerk, now=NOW):
    return packs.build_packs(meeting, 0, by=clerk, now=now)

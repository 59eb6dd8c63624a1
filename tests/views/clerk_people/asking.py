"""Pages of people asked for, and what stands on them."""

import html5lib
from django.urls import reverse


def at(name, *args):
    """The address of a clerk's page, of a person or a seat where they are given."""
    return reverse(f"clerk:{name}", args=[getattr(arg, "pk", arg) for arg in args])


def words(answer):
    """The page as one line; it must be sound HTML."""
    page = answer.content.decode()
    html5lib.HTMLParser(strict=True).parse(page)
    return " ".join(page.split())


def errors(answer):
    """The messages of the error summary."""
    return [message for message, _ in answer.context["form"].error_summary()]


def day(name, on):
    """A date as three fields."""
    return {f"{name}_day": on.day, f"{name}_month": on.month, f"{name}_year": on.year}

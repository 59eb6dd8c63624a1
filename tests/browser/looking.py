"""What every browser test does to a page: look at it at both widths, press a button; and a meeting begins."""

from django.utils import timezone

from inquiries.models import Meeting


def at_both_widths(page, axe):
    """Let axe look at the page at 1280 and 390 px; nothing may stand out of the window."""
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        axe(page)
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def press(page, name):
    """Press the button of this name."""
    page.get_by_role("button", name=name, exact=True).click()


def let_meetings_begin():
    """The meetings to come have begun a moment ago."""
    Meeting.objects.filter(start__gt=timezone.now()).update(start=timezone.now())

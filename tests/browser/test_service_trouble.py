"""What clerks see on every page while no worker runs, in a browser."""

from playwright.sync_api import expect

from inquiries import health
from inquiries.views import site
from tests.browser.looking import at_both_widths


def test_a_clerk_sees_that_the_worker_is_dead(page, sign_in, axe, screenshots, clerk, monkeypatch):
    monkeypatch.setattr(site, "recent_work", health.RecentWork())
    sign_in(page, clerk)
    for path in ("/", "/admin/"):
        page.goto(path)
        told = page.get_by_role("region", name="E-mails are not going out")
        expect(told).to_contain_text("Ask the people who run this service to start the worker.")
        at_both_widths(page, axe)
        screenshots(page, f"service-trouble{path.strip('/')}")

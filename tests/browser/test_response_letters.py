"""A clerk writes the letters about a response that has not come, and says so in public."""

from inquiries.actions import inquiries
from inquiries.models import Inquiry, ResponseLetter
from tests.actions.test_response_letters import RECEIVED, at, send_all
from tests.browser.looking import at_both_widths, press


def test_letters_about_an_overdue_response(page, sign_in, axe, committee, clerk, cabinet_member):
    inquiry = Inquiry.objects.create(committee=committee, title="Damp Homes", slug="damp-homes", received_on=RECEIVED)
    inquiries.add_recommendation(inquiry, reference="1", text="That walls are dry.", by=clerk, now=at(RECEIVED))
    inquiries.publish_inquiry(inquiry, by=clerk, now=at(RECEIVED))
    sign_in(page, clerk)
    page.goto(inquiry.get_absolute_url())
    at_both_widths(page, axe)
    page.get_by_role("link", name="write the first letter").click()
    page.wait_for_url("**/letters/first/")
    at_both_widths(page, axe)
    page.get_by_label("Councillor Ruth Adeyemi").check()
    press(page, "Record as sent")
    page.get_by_text("The first letter is recorded as sent.").wait_for()
    at_both_widths(page, axe)
    ResponseLetter.objects.all().delete()
    send_all(inquiry, clerk)
    page.goto(inquiry.get_absolute_url())
    page.get_by_role("link", name="say on the public page that no response has come").click()
    page.wait_for_url("**/no-response/")
    at_both_widths(page, axe)
    press(page, "Publish the sentence")
    page.get_by_text("The public page says that no response has come.").wait_for()
    at_both_widths(page, axe)

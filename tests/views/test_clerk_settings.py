"""The settings page, and the wording of e-mails."""

import pytest
from django.urls import reverse

from inquiries.choices import WordedMail
from inquiries.emails import sample_email, standard_wording
from inquiries.models import CouncilSettings, Entry, MailWording, Notification
from inquiries.notifications import notify
from tests import factories
from tests.cast import NOW

PAGE = reverse("clerk:settings")
REMINDER = reverse("clerk:wording", args=["reminder"])
STANDARD = {
    "report_months": "6, 12",
    "update_days_before": "7, 1",
    "update_on_the_day": "on",
    "update_days_after": "7",
    "update_escalate_after": "7",
    "sign_off_days_before": "7, 1",
    "sign_off_on_the_day": "on",
    "sign_off_days_after": "7",
    "sign_off_escalate_after": "7",
    "response_days_before": "7, 1",
    "response_on_the_day": "on",
    "response_days_after": "7",
}


@pytest.fixture(autouse=True)
def on_that_day(monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: NOW)


@pytest.fixture
def at_work(client, clerk):
    client.force_login(clerk)
    return client


def problems(answer):
    return [message for message, _ in answer.context["form"].error_summary()]


def test_settings_are_saved_with_their_history(at_work):
    sent = STANDARD | {"report_months": "4 8 12", "update_days_before": "", "update_days_after": ""}
    del sent["sign_off_on_the_day"]
    assert at_work.post(PAGE, sent).status_code == 302
    saved = CouncilSettings.current()
    assert (saved.report_months, saved.update_days_before, saved.update_days_after) == ([4, 8, 12], [], None)
    assert saved.reminder_times("sign_off").on_the_day is False
    assert saved.reminder_times("response").escalate_after is None
    assert at_work.post(PAGE, STANDARD).status_code == 302
    changes = Entry.objects.filter(subject_type="councilsettings").order_by("pk").last().changes
    assert changes["report_months"] == ["[4, 8, 12]", "[6, 12]"]
    assert "Carys Whitlock changed the council settings" in at_work.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("report_months", "", "Enter at least one number of months"),
        ("report_months", "six", "Enter numbers of months separated by commas, like 7, 1"),
        ("report_months", "0", "Enter numbers of months from 1 to 120"),
        ("update_days_before", "7, 91", "Enter numbers of days from 1 to 90"),
        ("update_days_before", "1 2 3 4 5 6 7", "Enter at most 6 numbers"),
        ("update_days_before", "-1", "Enter numbers of days separated by commas, like 7, 1"),
        ("update_days_after", "0", "Enter a number of days from 1 to 90, or leave it empty for never"),
        ("update_escalate_after", "soon", "Enter a whole number of days, or leave it empty for never"),
    ],
)
def test_what_is_no_number_of_days_is_refused_beside_its_field(at_work, field, value, message):
    answer = at_work.post(PAGE, STANDARD | {field: value})
    assert answer.status_code == 200
    assert problems(answer) == [message]
    assert field in answer.context["form"].errors
    assert not CouncilSettings.objects.exists()


def test_queries_of_the_page(at_work, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        at_work.get(PAGE)
    with django_assert_max_num_queries(12):
        at_work.get(REMINDER)


@pytest.mark.parametrize("occasion", WordedMail.values)
def test_the_standard_wording_with_its_placeholders_reads_as_the_e_mail_does(occasion, db):
    subject, body = sample_email(occasion, *standard_wording(occasion))
    # The subject of a reminder has the day alone.
    assert (subject.replace("Monday 16 November 2026", "16 November"), body) == sample_email(occasion)


def test_the_standard_wording_names_what_differs():
    assert standard_wording("update_wanted") == (
        "Progress update needed on {numbers}: {inquiry}",
        "The {committee} has asked what has been done about {numbers} of its inquiry “{inquiry}”.",
    )
    assert standard_wording("reminder") == ("{state}: {what}, due {date}", "This has not been done yet:")


def test_a_wording_is_previewed_saved_used_and_taken_back(at_work, inquiry, clerk, officer):
    sent = {"subject": "{council} asks: {what}", "opening": "Dear colleague, {inquiry} needs you by {date}."}
    page = at_work.post(reverse("clerk:wording", args=["update_wanted"]), sent | {"action": "preview"})
    text = page.content.decode()
    assert "Preview: not saved yet" in text
    assert "Dear colleague, Warm homes needs you by Monday 16 November 2026." in text
    assert not MailWording.objects.exists()
    assert at_work.post(reverse("clerk:wording", args=["update_wanted"]), sent | {"action": "save"}).status_code == 302
    factories.make_report(inquiry, clerk)
    stored = Notification.objects.get(recipient=officer)
    assert stored.subject.endswith(" asks: progress update on recommendations 1a and 1b")
    greeting, opening, rest = stored.body.split("\n\n", 2)
    assert greeting == "Dear Siân Llŷr-Ôwain,"
    assert opening == "Dear colleague, Warm Homes Inquiry needs you by Tuesday 1 June 2027."
    assert rest.startswith("Please write and submit your progress update by Tuesday 1 June 2027:\n\nhttp")
    answer = at_work.post(reverse("clerk:wording", args=["update_wanted"]), {"action": "standard"}, follow=True)
    assert "The e-mail has its standard wording again." in answer.content.decode()
    assert not MailWording.objects.exists()
    verbs = Entry.objects.filter(subject_type="mailwording").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["added", "deleted"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{nam} is late", "{nam} is not known in this e-mail. You can use {name}, {council}, {clerk}, {what},"),
        ("{name.email}", "Use curly brackets only around one of these words: {name},"),
        ("A { bracket", "Use curly brackets only around one of these words: {name},"),
    ],
)
def test_an_unknown_placeholder_is_refused_beside_its_field(at_work, text, message):
    for field, other in (("subject", "opening"), ("opening", "subject")):
        answer = at_work.post(REMINDER, {field: text, other: "Words"})
        assert answer.status_code == 200
        assert problems(answer)[0].startswith(message)
        assert list(answer.context["form"].errors) == [field]


def test_braces_in_a_title_stay_what_they_are(inquiry, clerk, officer):
    MailWording.objects.create(occasion="update_wanted", subject="{inquiry}", opening="{what}: {inquiry}")
    inquiry.title = "{name} and {date}"
    inquiry.save()
    report = factories.make_report(inquiry, clerk)
    assert Notification.objects.get(recipient=officer).subject == "{name} and {date}"
    # Where the day is not known, the standard wording holds.
    MailWording.objects.update(subject="By {date}")
    report.updates_due_on = None
    report.save()
    Notification.objects.all().delete()
    update = report.updates.for_page().first()
    notify([officer], "update_wanted", "again", now=NOW, updates=[update])
    assert Notification.objects.get().subject.startswith("Progress update needed on")


def test_an_unknown_e_mail_is_not_found(at_work):
    assert at_work.get(reverse("clerk:wording", args=["invitation"])).status_code == 404

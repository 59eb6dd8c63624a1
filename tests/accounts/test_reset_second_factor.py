"""A lost device: a clerk resets how somebody signs in, and a command helps the last clerk."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from django.core.management import CommandError, call_command

from inquiries.actions.sessions import reset_second_factor
from inquiries.models import Entry, Notification
from inquiries.permissions import Refused
from tests.accounts.sign_in import sign_in_by_code, who
from tests.accounts.test_second_factor import ENTER
from tests.cast import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def lost(officer):
    """An officer whose device, with all on it, is gone."""
    TOTP.activate(officer, generate_totp_secret())
    RecoveryCodes.activate(officer)
    SocialAccount.objects.create(user=officer, provider="council", uid="7")
    return officer


def test_reset_second_factor(client, clerk, lost, mailoutbox):
    client.force_login(clerk)
    page = client.get(f"/clerk/people/{lost.pk}/reset-second-factor/")
    assert f"Make sure that it is {lost.name} who asks" in page.text
    client.post(f"/clerk/people/{lost.pk}/reset-second-factor/")
    assert not Authenticator.objects.exists()
    assert not SocialAccount.objects.exists()
    entry = Entry.objects.get(verb="reset_second_factor")
    assert (entry.by_id, entry.subject_id) == (clerk.pk, lost.pk)
    assert entry.sentence == f"reset how {lost.name} signs in"
    assert entry.changes == {"second factors": [2, 0], "connections": [1, 0]}
    assert Notification.objects.get().subject == "Your ways to sign in have been reset"
    assert sign_in_by_code(client.__class__(), lost, mailoutbox).url == "/"


def test_clerk_cannot_reset_themselves(client, clerk):
    TOTP.activate(clerk, generate_totp_secret())
    client.force_login(clerk)
    page = client.post(f"/clerk/people/{clerk.pk}/reset-second-factor/")
    assert "Ask another clerk to reset how you sign in, or the people who run this installation." in page.text
    assert Authenticator.objects.count() == 1


def test_reset_requires_a_clerk(lost, other_officer):
    with pytest.raises(Refused, match=r"^Only a clerk can do this\.$"):
        reset_second_factor(lost, by=other_officer, now=NOW)
    assert Authenticator.objects.count() == 2


def test_reset_second_factor_command(client, clerk, mailoutbox):
    TOTP.activate(clerk, generate_totp_secret())
    sign_in_by_code(client, clerk, mailoutbox)
    said = StringIO()
    call_command("reset_second_factor", clerk.email.upper(), stdout=said)
    assert said.getvalue() == (f"{clerk} signs in with a code sent to {clerk.email} and sets up a second step again.\n")
    assert not Authenticator.objects.exists()
    assert client.post(ENTER, {"code": "000000"}).status_code == 302
    assert who(client) is None
    assert Entry.objects.get(verb="reset_second_factor").sentence == (
        "had their second factor reset when this installation was looked after"
    )


def test_command_finds_person_by_address(db):
    with pytest.raises(CommandError, match=r"^Nobody has this e-mail address\.$"):
        call_command("reset_second_factor", "nobody-here@wealdshire.example")

"""What allauth asks us about second factors."""

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings

from inquiries.accounts import encryption
from inquiries.accounts.security_log import note

WRONG = "This was not right. Check it, or try another way."


class FactorAdapter(DefaultMFAAdapter):
    """Plain words, encrypted secrets, and a line in the log for every code that was wrong."""

    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": WRONG}

    def validation_error(self, code, *args):
        if code == "incorrect_code":
            user = getattr(self.request, "user", None)
            note("second_factor_wrong", user if user is not None and user.is_authenticated else None)
        return super().validation_error(code, *args)

    def encrypt(self, text):
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text):
        return encryption.decrypt(encrypted_text)

    def get_totp_issuer(self):
        return f"Scrutiny at {settings.COUNCIL_NAME}"

    def build_totp_svg(self, url):
        """The QR code as markup for the page itself: our policy shows no image from a data address."""
        return super().build_totp_svg(url).partition("?>")[2].strip()

    def generate_authenticator_name(self, user, type):
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return f"Passkey {number}"

    def get_public_key_credential_rp_entity(self):
        return super().get_public_key_credential_rp_entity() | {"name": "Scrutiny"}

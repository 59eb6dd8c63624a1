"""The secrets of second factors are kept encrypted: who reads a copy of the database cannot make codes with them."""

import base64
import hashlib

from allauth.mfa.totp.internal.auth import generate_totp_secret
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

from inquiries.accounts.security_log import note


def encrypt(text):
    """`text`, readable only with the secret key of this installation."""
    return _fernet().encrypt(text.encode()).decode()


def decrypt(token):
    """What was encrypted; something that fits no code where the secret key has been changed since.

    The person then uses a passkey, or a clerk resets how they sign in. The log says that it happened.
    """
    try:
        return _fernet().decrypt(token.encode()).decode()
    except InvalidToken:
        note("second_factor_unreadable")
        return generate_totp_secret()


def _fernet():
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_key(key)) for key in keys])


def _key(secret):
    digest = hashlib.sha256(b"second factors" + secret.encode()).digest()
    return base64.urlsafe_b64encode(digest)

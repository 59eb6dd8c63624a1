"""The mail with the code for signing in, sent after the page has been answered.

Otherwise the time that the mail server takes would tell a stranger which addresses have an account.
"""

import logging
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)

# More mails than this at once are no council signing in. They wait their turn, and are sent before the process ends.
_senders = ThreadPoolExecutor(max_workers=2, thread_name_prefix="sign-in-mail")


def send(template, address, **words):
    """Send the mail `<template>_subject.txt` and `<template>_message.txt` to `address`, now or in the background."""
    if settings.SEND_CODES_IN_BACKGROUND:
        _senders.submit(_send, template, address, words)
    else:
        _send(template, address, words)


def _send(template, address, words):
    words = {"COUNCIL_NAME": settings.COUNCIL_NAME, **words}
    subject = " ".join(render_to_string(f"{template}_subject.txt", words).split())
    body = render_to_string(f"{template}_message.txt", words).strip()
    try:
        EmailMessage(subject, f"{body}\n", to=[address]).send()
    except Exception as error:
        # Not the error's own words: they repeat the address.
        logger.error("A sign-in code could not be sent: %s", type(error).__name__)

"""The mail with the code for signing in, sent after the page has been answered.

Otherwise the time that the mail server takes, or only a thread that begins to work beside the page, would tell a
stranger which addresses have an account.
"""

import logging
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string

logger = logging.getLogger(__name__)

# More mails than this at once are no council signing in. They wait their turn, and are sent before the process ends.
_senders = ThreadPoolExecutor(max_workers=2, thread_name_prefix="sign-in-mail")


def send(request, template, address, **words):
    """Send the mail `<template>_subject.txt` and `<template>_message.txt` to `address`: in the background, or now.

    In the background it is handed over once `request` has been answered: see `send_when_answered`.
    """
    if settings.SEND_CODES_IN_BACKGROUND:
        request.mail_that_waits = partial(_senders.submit, _send, template, address, words)
    else:
        _send(template, address, words)


def send_when_answered(request, response):
    """Have the mail that waits in `request`, if any, sent when `response` is closed: its reader has it then."""
    waits = getattr(request, "mail_that_waits", None)
    if waits is not None:
        # As Django does it for its own requests; the server closes what it has sent (PEP 3333).
        response._resource_closers.append(waits)


def _send(template, address, words):
    words = {"COUNCIL_NAME": settings.COUNCIL_NAME, **words}
    subject = " ".join(render_to_string(f"{template}_subject.txt", words).split())
    body = render_to_string(f"{template}_message.txt", words).strip()
    try:
        EmailMessage(subject, f"{body}\n", to=[address]).send()
    except Exception as error:
        # Not the error's own words: they repeat the address.
        logger.error("A sign-in code could not be sent: %s", type(error).__name__)

"""The e-mail with the code for signing in, sent after the page has been answered.

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

# More e-mails than this at once are no council signing in. The others wait, and are sent before the process ends.
senders = ThreadPoolExecutor(max_workers=2, thread_name_prefix="sign-in-mail")


def send(request, template, address, **context):
    """Send `<template>_subject.txt` and `<template>_message.txt` to `address`: in the background, or now.

    In the background it is handed over once `request` has been answered: see `send_when_answered`.
    """
    if settings.SEND_CODES_IN_BACKGROUND:
        request.waiting_email = partial(senders.submit, render_and_send, template, address, context)
    else:
        render_and_send(template, address, context)


def send_when_answered(request, response):
    """Have the e-mail that waits in `request`, if any, sent when the server closes `response` (PEP 3333)."""
    submit = getattr(request, "waiting_email", None)
    if submit is None:
        return
    close = response.close

    def close_and_submit():
        close()
        submit()

    response.close = close_and_submit


def render_and_send(template, address, context):
    context = {"COUNCIL_NAME": settings.COUNCIL_NAME, **context}
    subject = " ".join(render_to_string(f"{template}_subject.txt", context).split())
    body = render_to_string(f"{template}_message.txt", context).strip()
    try:
        EmailMessage(subject, f"{body}\n", to=[address]).send()
    except Exception as error:
        # Not the error's own text: it repeats the address.
        logger.error("A sign-in code could not be sent: %s", type(error).__name__)

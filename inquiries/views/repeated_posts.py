"""A form that arrives twice (a second click, a reload) is processed once; the second answer is that of the first.

A form that prints `{% form_key %}` is recognised by this key and all that it holds: what is changed after going back in
the browser is another form. Two that arrive at the same moment wait for each other, on all web processes.
"""

import hashlib

from django.conf import settings
from django.contrib import messages
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.cache import cache
from django.db import connection, transaction
from django.shortcuts import redirect

from inquiries.actions.records import delete_files_on_rollback

FORM_KEY = "form_key"


def answer_once(view, request, *args, **kwargs):
    """The answer of `view`; to a form that has led to another page before, that page and its messages once more."""
    if request.method != "POST" or not request.POST.get(FORM_KEY):
        return view(request, *args, **kwargs)
    digest = digest_of_form(request)
    key = f"form:{digest.hex()}"
    # What the view records, that it has been recorded and what is said of it are kept together, or nothing is.
    with delete_files_on_rollback(), transaction.atomic():
        with connection.cursor() as cursor:
            # Wait until nobody else processes this form; it is free again when all is committed.
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int.from_bytes(digest[:8], signed=True)])
        if first := cache.get(key):
            return answer_again(request, first)
        earlier = len(messages.get_messages(request))
        response = view(request, *args, **kwargs)
        if response.status_code == 302:
            given = [(one.level, one.message, one.extra_tags) for one in read_messages(request)[earlier:]]
            cache.set(key, {"url": response.url, "messages": given}, settings.SESSION_COOKIE_AGE)
            save_session(request, response)
    return response


def save_session(request, response):
    """Save the messages and the session here: the middleware, which has nothing left, would take a transaction more."""
    session = request.session
    if session.session_key != request.COOKIES.get(settings.SESSION_COOKIE_NAME):
        # A new one, or none any more: the middleware sets the cookie.
        return
    unsaved = messages.get_messages(request)
    unsaved.update(response)
    unsaved.added_new = False
    if session.modified:
        try:
            session.save()
        except UpdateError as error:
            raise SessionInterrupted("The session was ended while the form was processed.") from error
        session.modified = False


def answer_again(request, first):
    unread = [one.message for one in read_messages(request)]
    for level, message, tags in first["messages"]:
        if message not in unread:
            messages.add_message(request, level, message, extra_tags=tags)
    return redirect(first["url"])


def read_messages(request):
    """The messages for the next page, which are still shown there."""
    storage = messages.get_messages(request)
    found = list(storage)
    storage.used = False
    return found


def digest_of_form(request):
    digest = hashlib.sha256(f"{request.user.pk} {request.get_full_path()}".encode())
    posted = sorted((name, values) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken")
    digest.update(repr(posted).encode(errors="surrogatepass"))
    for name, files in sorted(request.FILES.lists()):
        for file in files:
            digest.update(repr((name, file.name, file.size)).encode(errors="surrogatepass"))
            for chunk in file.chunks():
                digest.update(chunk)
            file.seek(0)
    return digest.digest()

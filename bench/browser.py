"""A person in front of the application: requests through its own WSGI handler with all its middleware."""

import time
from io import BytesIO
from urllib.parse import urlencode

from django.conf import settings
from django.test import Client, RequestFactory

from inquiries.models import Person

FORM = "application/x-www-form-urlencoded"  # as a browser sends every form that has no file
TOKEN = "a" * 32  # of the form's protection; cookie and header only have to be the same


class Browser:
    """Somebody who is signed in (with the key None: the public)."""

    def __init__(self, handler, key):
        self.handler, self.key, self.cookies = handler, key, ""
        if key is None:
            return
        client = Client()
        client.force_login(Person.objects.get(pk=key), "django.contrib.auth.backends.ModelBackend")
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        self.cookies = f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={TOKEN}"

    def request(self, path, data=None):
        """(status, headers, body, seconds) of a GET, or of a POST where there are data."""
        factory = RequestFactory(SERVER_NAME="localhost", HTTP_COOKIE=self.cookies, HTTP_X_CSRFTOKEN=TOKEN)
        sent = None if data is None else urlencode(data, doseq=True)
        environ = (factory.get(path) if sent is None else factory.post(path, sent, FORM)).environ
        environ["wsgi.input"] = BytesIO(environ["wsgi.input"].read())
        answer = []
        began = time.perf_counter()
        response = self.handler(environ, lambda line, headers: answer.extend((int(line.split()[0]), dict(headers))))
        body = b"".join(response)
        response.close()
        return *answer, body, time.perf_counter() - began

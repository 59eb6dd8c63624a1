"""Links in e-mails carry a signed mark of the e-mail: by it we know that its recipient has followed it.

The mark signs nobody in, and only counts while the recipient is signed in: programs that look at links in e-mails
before people do are not. It is the one thing that a GET writes.
"""

from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import escape_leading_slashes

from inquiries.emails import LINK_MARK
from inquiries.notifications import record_visit


class MailLinkMiddleware:
    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        mark = request.GET.get(LINK_MARK) if request.method == "GET" else None
        if mark is None:
            return self.get_response(request)
        if request.user.is_authenticated:
            record_visit(mark, request.user, now=timezone.now())
            # Without the mark, which would otherwise be passed on with the address.
            query = [(name, value) for name, values in request.GET.lists() if name != LINK_MARK for value in values]
            # Two slashes in front would lead to another host.
            path = escape_leading_slashes(request.path)
            return redirect(f"{path}?{urlencode(query)}" if query else path)
        if request.path == reverse("public:home"):
            # "Your work" is what the e-mail is about.
            return redirect_to_login(request.get_full_path())
        return self.get_response(request)

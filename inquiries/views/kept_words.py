"""Words that arrive when their writer is no longer signed in: kept in the session, shown again after signing in.

A page with a form uses it in three places:

    @sign_in_first                                    # anonymous: to the sign-in page, a POST keeps its words first
    def update(request, slug, months, reference):
        ...                                           # 404 and 403 as ever: the words are shown to nobody else
        if saved:
            forget_words(request)
        words = kept_words(request)                   # a QueryDict like request.POST, or None
        return render(request, ..., {"form": TheForm(words) if words else TheForm(), "kept_words": words})

and `{% include "components/kept_words.html" %}` above the form. The words are kept under the address they were
sent to and returned at that address only, to the person alone whom the hidden field `writer` names (by their primary
key): a form without that field keeps nothing. Uploaded files are not kept. Signing out forgets everything.
"""

from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.http import QueryDict

from inquiries.views.errors import csrf_failure

SESSION_KEY = "kept_words"
WRITER = "writer"
LONGEST = 200_000  # characters of one form as it was sent
MOST_PAGES = 5
NOT_WORDS = ("csrfmiddlewaretoken",)


def sign_in_first(view):
    """A view for people who are signed in. Others go to the sign-in page and come back; a POST keeps its words."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method == "POST":
            return keep_words(request)
        return redirect_to_login(request.get_full_path())

    return guarded


def keep_words(request, *, at=None, ask_at=None):
    """Keep what an anonymous person posted and return the redirect to the sign-in page, which leads back.

    `at` is the path of the page with the form, where the form is sent to another address than its page's own.
    `ask_at` is the page to go to instead of the sign-in page (that of the second factor).
    Words too many to be kept are shown for copying instead (status 403): they are not lost without a word.
    """
    there = redirect_to_login(at or request.get_full_path(), ask_at)
    if not request.POST.get(WRITER):
        # Whose words would they be? Not those of whoever signs in next.
        return there
    key = at or request.path
    words = request.POST.copy()
    for name in NOT_WORDS:
        words.pop(name, None)
    sent = words.urlencode()
    if len(sent) > LONGEST:
        return csrf_failure(request)
    pages = request.session.get(SESSION_KEY, {})
    pages.pop(key, None)
    # The latest few: a session must not grow without end.
    request.session[SESSION_KEY] = dict([*pages.items(), (key, sent)][-MOST_PAGES:])
    return there


def words_of(request, person):
    """What is kept for `person` alone, as {path: words}: to be taken along where their session ends by itself."""
    pages = request.session.get(SESSION_KEY, {})
    return {page: sent for page, sent in pages.items() if QueryDict(sent).get(WRITER) == str(person.pk)}


def kept_words(request):
    """What was kept for this page and this person as a QueryDict, or None."""
    sent = request.session.get(SESSION_KEY, {}).get(request.path)
    if sent is None or not request.user.is_authenticated:
        return None
    words = QueryDict(sent)
    return words if words.get(WRITER) == str(request.user.pk) else None


def forget_words(request, *, at=None):
    """Forget what was kept for this page: it has been saved, or the person does not want it."""
    pages = request.session.get(SESSION_KEY, {})
    if pages.pop(at or request.path, None) is not None:
        request.session[SESSION_KEY] = pages

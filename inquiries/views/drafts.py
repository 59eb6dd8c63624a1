"""Text that was typed and not saved, offered again at the address of its form.

A page with a form uses it in three places:

    @login_required_keeping_post                      # anonymous: to the sign-in page; what was posted is kept
    def update(request, slug, months, reference):
        ...                                           # 404 and 403 as ever
        if saved:
            delete_draft(request)
        return render(request, ..., {"form": TheForm(draft_data(request)), "draft": find_draft(request)})

and `{% include "components/draft.html" %}` above the form. While nobody is signed in, a post waits in the session for
the person whom its hidden field `writer` names (by primary key): a form without that field is not kept. Uploaded
files are not kept.
"""

from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.signing import BadSignature
from django.http import JsonResponse, QueryDict
from django.utils import timezone

from inquiries.actions.progress import EditClash
from inquiries.forms.officer import TOO_LONG
from inquiries.models import Draft, Person
from inquiries.permissions import RIGHTS, Refused
from inquiries.text import whole_number
from inquiries.views.repeated_posts import FORM_KEY, answer_once
from inquiries.views.site import csrf_failure

UNSAVED_POSTS = "unsaved_posts"  # in the session: {path: the form as it was sent}
WRITER = "writer"
MOST_POSTS = 5
LONGEST_DRAFT = 200_000  # characters of one form
# Of no use, or no business of the form, when it is shown again.
NOT_KEPT = ("csrfmiddlewaretoken", FORM_KEY, "writer", "action")


class DraftTooLong(Exception):
    """The form holds more than LONGEST_DRAFT characters."""


def save_draft(person, address, posted, *, now, most=LONGEST_DRAFT):
    """Keep what `person` posted (a QueryDict) at an address, in place of an earlier draft. Raises DraftTooLong."""
    # PostgreSQL stores no null character.
    data = {
        name: [value.replace("\0", "") for value in values] for name, values in posted.lists() if name not in NOT_KEPT
    }
    if sum(len(value) for values in data.values() for value in values) > most:
        raise DraftTooLong
    draft = Draft(
        person=person,
        address=address,
        data=data,
        based_on_version=whole_number(posted.get("version", "")),
        updated_at=now,
    )
    # One statement: two tabs that save at once must not meet an error.
    Draft.objects.bulk_create(
        [draft],
        update_conflicts=True,
        unique_fields=["person", "address"],
        update_fields=["data", "based_on_version", "updated_at"],
    )


def login_required_keeping_post(view):
    """A view for people who are signed in. Others go to the sign-in page and come back; a post is kept.

    A form that prints `{% form_key %}` and arrives twice is processed once.
    """

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if request.user.is_authenticated:
            return answer_once(view, request, *args, **kwargs)
        if request.method == "POST":
            return keep_post(request)
        return redirect_to_login(request.get_full_path())

    return guarded


def keep_post(request, *, at=None, ask_at=None):
    """Keep what was posted and return the redirect to the sign-in page, which leads back.

    `at` is the path of the page with the form, where the form is sent to another address than its page's own.
    `ask_at` is the page to go to instead of the sign-in page (that of the second factor).
    More than can be kept is shown for copying instead (status 403).
    """
    there, key = redirect_to_login(at or request.get_full_path(), ask_at), at or request.path
    try:
        writer = Person.read_signed_key(request.POST.get(WRITER, ""))
    except BadSignature:
        # Nobody knows whose text it is: not that of the person who signs in next.
        return csrf_failure(request) if hasattr(request, "sent_files") else there
    if request.user.is_authenticated:
        if writer == str(request.user.pk):
            try:
                save_draft(request.user, key, request.POST, now=timezone.now())
            except DraftTooLong:
                return csrf_failure(request)
        return there
    posted = request.POST.copy()
    posted[WRITER] = writer
    sent = posted.urlencode()
    if len(sent) > LONGEST_DRAFT:
        return csrf_failure(request)
    posts = request.session.get(UNSAVED_POSTS, {})
    posts.pop(key, None)
    # The latest few: a session must not grow without end.
    request.session[UNSAVED_POSTS] = dict([*posts.items(), (key, sent)][-MOST_POSTS:])
    return there


def is_writer(request):
    """Whether the form that was sent was made for the person who sends it."""
    try:
        return Person.read_signed_key(request.POST[WRITER]) == str(request.user.pk)
    except BadSignature:
        return False


def autosave_form(request, page, find, right):
    """Keep a draft of the form at `page` as it is being typed; answers in JSON (see static/js/autosave.js).

    `find(roles)` returns the record with its `version`, or raises Http404, and may note in `roles` whom it has found
    the person to be. `right` is the name of the one to write it. The record stays as it is.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"sign_in": redirect_to_login(page).url}, status=401)
    now, roles, right = timezone.now(), {}, RIGHTS[right]
    record = find(roles)
    if WRITER in request.POST and not is_writer(request):
        return JsonResponse({"message": "You are signed in as another person."}, status=403)
    # Otherwise it is not the page's form, which must not replace a draft.
    is_form = "version" in request.POST
    try:
        if is_form and right.belongs_to(request.user, record, timezone.localdate(now), roles):
            # Even where it can be written no more: then the page shows the text for copying.
            save_draft(request.user, page, request.POST, now=now)
        right.check(request.user, record, timezone.localdate(now), roles)
    except DraftTooLong:
        return JsonResponse({"errors": {"text": [TOO_LONG]}}, status=400)
    except Refused as refused:
        return JsonResponse({"message": str(refused)}, status=403)
    if not is_form:
        return JsonResponse({"message": "The text could not be read."}, status=400)
    if request.POST["version"] != str(record.version):
        return JsonResponse({"message": f"{EditClash(record)} Save to see both texts."}, status=409)
    return JsonResponse({"saved_at": f"{timezone.localtime(now):%H:%M}"})


def claim_posts(request):
    """Make drafts of what this person posted before they signed in; what others posted stays until signing out."""
    posts = request.session.get(UNSAVED_POSTS, {})
    claimed = {
        path: data for path, sent in posts.items() if (data := QueryDict(sent)).get(WRITER) == str(request.user.pk)
    }
    for path, data in claimed.items():
        save_draft(request.user, path, data, now=timezone.now())
    if claimed:
        request.session[UNSAVED_POSTS] = {path: posts[path] for path in posts if path not in claimed}


def find_draft(request):
    if request.method == "POST" or not request.user.is_authenticated:
        return None
    if not hasattr(request, "draft"):
        request.draft = Draft.objects.filter(person=request.user, address=request.path).first()
    return request.draft


def draft_data(request):
    """What the person had typed on this page, as a QueryDict, or None."""
    draft = find_draft(request)
    return draft.posted if draft else None


def delete_draft(request, *, at=None):
    """Delete the draft for this page: it has been saved, or the person does not want it."""
    # One statement, without a transaction around it: nothing hangs on a draft.
    drafts = Draft.objects.filter(person=request.user, address=at or request.path)
    drafts._raw_delete(drafts.db)

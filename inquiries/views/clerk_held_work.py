"""After a restore: what waited in the backup, to let go out or to drop; whom to erase again; reminders."""

from functools import partial

from django.contrib import messages
from django.shortcuts import redirect, render
from django.template.defaultfilters import pluralize
from django.utils import timezone

from inquiries.actions.held_work import close_restorations, drop_held, held_notifications, held_plans, release_held
from inquiries.forms.clerk_held_work import CLOSE, RELEASE, HeldWorkForm
from inquiries.models import Entry, Notification, Person, Restoration
from inquiries.views.form_processing import apply_action, clerk_required

MOST_MESSAGES = 200
MOST_HISTORY = 50


@clerk_required
def held_work(request):
    form = HeldWorkForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        message = decide(form, by=request.user, now=timezone.now())
        if message:
            messages.success(request, message)
            return redirect("clerk:held_work")
    restorations = list(Restoration.objects.all())
    numbers = {pk for restoration in restorations for pk in restoration.people_to_erase}
    shown = list(held_notifications()[: MOST_MESSAGES + 1])
    count = len(shown) if len(shown) <= MOST_MESSAGES else Notification.objects.held().count()
    context = {
        "form": form,
        "restorations": restorations,
        "is_open": any(restoration.closed_at is None for restoration in restorations),
        "plans": held_plans(),
        "held": shown[:MOST_MESSAGES],
        "count": count,
        "people_to_erase": Person.objects.filter(pk__in=numbers, erased_at=None).by_name() if numbers else [],
        "history": Entry.objects.filter(subject_type="restoration").order_by("-at", "-pk")[:MOST_HISTORY].by_day(),
        "crumbs": [("After the restore", "")],
    }
    return render(request, "clerk/held_work.html", context)


def decide(form, **by):
    """Do what the clerk has chosen; the message of success, or nothing where it is refused."""
    chosen = dict(form.cleaned_data)
    action = chosen.pop("action")
    if action == CLOSE:
        done = apply_action(form, partial(close_restorations, **by))
        return "People are reminded again, for the first time at the next 7 o’clock." if done else ""
    counts: list[int] = []
    act = release_held if action == RELEASE else drop_held
    if not apply_action(form, lambda: counts.extend(act(**chosen, **by))):
        return ""
    mails, plans = counts
    what = f"{mails} e-mail{pluralize(mails)} and {plans} planned publication{pluralize(plans)}"
    return f"{what} {'will go out' if action == RELEASE else 'have been dropped'}."

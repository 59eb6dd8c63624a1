"""The settings of the council."""

from functools import partial

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from inquiries.actions.settings import change_settings, change_wording, restore_standard_wording
from inquiries.choices import WordedMail
from inquiries.emails import sample_email, standard_wording
from inquiries.forms.clerk_settings import SettingsForm, WordingForm
from inquiries.models import CouncilSettings, Entry, MailWording
from inquiries.views.drafts import delete_draft, find_draft
from inquiries.views.form_processing import Success, apply_action, bound_data, clerk_required, process_form

MOST_HISTORY = 20


@clerk_required
def settings(request):
    wordings = list(MailWording.objects.all())
    changed = {wording.occasion for wording in wordings}
    recorded = CouncilSettings.current()
    entries = Entry.objects.filter(subject_type__in=["councilsettings", "mailwording"]).order_by("-at", "-pk")
    context = {
        "mails": [(mail.value, mail.label, mail.value in changed) for mail in WordedMail],
        "history": entries[:MOST_HISTORY].by_day(),
        "crumbs": [("Settings", "")],
    }
    form = SettingsForm(bound_data(request), settings=recorded)
    success = Success(reverse("clerk:settings"), "The settings are saved.")
    return process_form(request, form, change_settings, success, context)


@clerk_required
def wording(request, occasion):
    if occasion not in WordedMail.values:
        raise Http404
    recorded = MailWording.objects.filter(occasion=occasion).first()
    if request.method == "POST" and request.POST.get("action") == "standard":
        restore_standard_wording(occasion, by=request.user, now=timezone.now())
        delete_draft(request)
        messages.success(request, "The e-mail has its standard wording again.")
        return redirect("clerk:wording", occasion)
    subject, opening = (recorded.subject, recorded.opening) if recorded else standard_wording(occasion)
    form = WordingForm(bound_data(request), occasion=occasion, recorded={"subject": subject, "opening": opening})
    valid = not form.is_bound or form.is_valid()
    if request.method == "POST" and valid and request.POST.get("action") != "preview":
        action = partial(change_wording, occasion, by=request.user, now=timezone.now())
        if apply_action(form, action, **form.cleaned_data):
            delete_draft(request)
            messages.success(request, "The wording is saved.")
            return redirect("clerk:settings")
    valid = valid and not form.errors
    shown = form.cleaned_data if form.is_bound and valid else {"subject": subject, "opening": opening}
    context = {
        "form": form,
        "draft": find_draft(request),
        "mail": WordedMail(occasion),
        "is_changed": recorded is not None,
        "is_preview": request.POST.get("action") == "preview",
        "preview": sample_email(occasion, shown["subject"], shown["opening"]) if valid else None,
        "crumbs": [("Settings", reverse("clerk:settings")), (WordedMail(occasion).label, "")],
    }
    return render(request, "clerk/wording.html", context)

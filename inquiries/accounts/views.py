"""The pages of signing in, of second factors and of the own account: allauth's, with our rules."""

from dataclasses import dataclass

# allauth has no public function for these two, and for begin_registration below.
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.stagekit import stash_login
from allauth.account.views import ConfirmLoginCodeView, RequestLoginCodeView
from allauth.core import ratelimit
from allauth.mfa.base.views import AuthenticateView, IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.internal.auth import begin_registration
from allauth.mfa.webauthn.views import (
    AddWebAuthnView,
    LoginWebAuthnView,
    ReauthenticateWebAuthnView,
    RemoveWebAuthnView,
)
from allauth.socialaccount.models import SocialAccount
from allauth.utils import get_request_param
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.db.models import Count
from django.http import Http404, HttpResponseRedirect, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from inquiries.accounts import login_state
from inquiries.accounts.adapters import send_when_answered
from inquiries.accounts.forms import NewsEmailsForm
from inquiries.accounts.login_state import PAGE_WANTED, url_with_next
from inquiries.accounts.oidc import provider_name
from inquiries.actions import personal_data, sessions
from inquiries.actions.people import choose_news_emails
from inquiries.models import Person, Response
from inquiries.views.drafts import delete_draft, draft_data, login_required_keeping_post
from scrutiny.logging import log_security_event

USED_UP = "This code can no longer be used. Ask for another."


def match_queries_of_known_person(person):
    """Ask the database as often for an unknown person as for a known one: else the time would tell them apart."""
    if person is None:
        Person.objects.filter(pk=0).first()


def redirect_with_next(request, response, name):
    if response.headers.get("Location") == reverse(name):
        response.headers["Location"] = url_with_next(name, get_request_param(request, "next", ""))
    return response


class KeepsNextMixin:
    """A link from an e-mail leads to its page, also where a sign-in was begun before and is continued."""

    def _redirect_to_pending_stage(self, request, stage):
        match_queries_of_known_person(stage.login.user)
        wanted = request.GET.get("next", "")
        if login_state.is_own_url(wanted):
            stage.login.redirect_url = wanted
            stash_login(request, stage.login)
        return HttpResponseRedirect(url_with_next(stage.urlname, wanted))


class SignInView(KeepsNextMixin, RequestLoginCodeView):
    """Asks for the e-mail address to which a code is sent; offers a passkey and the council's provider beside it.

    In demonstration mode it also offers everybody in it.
    """

    template_name = "account/login.html"

    def form_valid(self, form):
        if form._user:
            login_state.stamp(self.request, form._user)
        response = super().form_valid(form)
        send_when_answered(self.request, response)
        return response

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["provider_name"] = provider_name()
        context["ended"] = self.request.session.get(login_state.ENDED, "")
        context["idle_minutes"] = settings.IDLE_MINUTES
        if settings.DEMONSTRATION:
            context["demonstration_people"] = demonstration_people()
        return context


class EnterCodeView(ConfirmLoginCodeView):
    """Takes the code from the e-mail. Guesses are counted for each account and address, over all codes asked for."""

    def dispatch(self, request, *args, **kwargs):
        # Too late, or in another browser: the link from the e-mail still counts.
        return redirect_with_next(request, super().dispatch(request, *args, **kwargs), "account_request_login_code")

    def get(self, request, *args, **kwargs):
        match_queries_of_known_person(self._process.user)
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        match_queries_of_known_person(self._process.user)
        key = self._process.state.get("email", "").lower()
        refused = ratelimit.consume_or_429(request, action="enter_login_code", key=key)
        if refused:
            log_security_event("limit_reached", self._process.user)
            return refused
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form):
        log_security_event("code_wrong", self._process.user)
        context = self.get_context_data(form=form)
        if not self._process.record_invalid_attempt():
            # The last wrong one uses the code up; another can be asked for at once, on the same page.
            context |= {"used_up": USED_UP, "error_list": [(USED_UP, "#another-code")]}
        return self.render_to_response(context)


class EnterSecondFactorView(AuthenticateView):
    """Asks for the second factor after the first. What is entered is counted for each account, for a whole day.

    allauth's own counts end with every success, and the owner signs in now and then, no matter who else is guessing.
    """

    def dispatch(self, request, *args, **kwargs):
        # Too late: the page asked for still counts.
        return redirect_with_next(request, super().dispatch(request, *args, **kwargs), "account_login")

    def post(self, request, *args, **kwargs):
        person = self.stage.login.user
        refused = ratelimit.consume_or_429(request, action="enter_second_factor", key=str(person.pk))
        if refused:
            log_security_event("limit_reached", person)
            return refused
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["page_wanted"] = self.stage.login.redirect_url or ""
        person = self.stage.login.user
        kinds = set(person.authenticator_set.values_list("type", flat=True))
        context["has_passkey"], context["has_app"] = "webauthn" in kinds, "totp" in kinds
        return context


class SignInByPasskeyView(KeepsNextMixin, LoginWebAuthnView):
    def form_invalid(self, form):
        super().form_invalid(form)
        return HttpResponseRedirect(url_with_next("account_login", self.request.POST.get("next", "")))


# Second factors


class SecondFactorView(IndexView):
    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["is_needed"] = login_state.needs_second_factor(self.request.user)
        if not login_state.has_second_factor(self.request.user) and not login_state.may_set_up_factor(self.request):
            context["provider_name"] = provider_name()
        context["page_wanted"] = self.request.session.get(PAGE_WANTED, "")
        return context


class AddsFactorMixin:
    kind = ""

    @transaction.atomic
    def form_valid(self, form):
        response = super().form_valid(form)
        person = self.request.user
        sessions.record_factor_added(person, self.kind, now=timezone.now())
        login_state.record_second_factor(self.request, person, self.kind)
        log_security_event("factor_added", person, kind=self.kind)
        return response

    def get_success_url(self):
        if self.did_generate_recovery_codes:
            return reverse("mfa_view_recovery_codes")
        return url_after_setup(self.request)


class RemovesFactorMixin:
    kind = ""

    @transaction.atomic
    def form_valid(self, form):
        response = super().form_valid(form)
        sessions.record_factor_removed(self.request.user, self.kind, now=timezone.now())
        log_security_event("factor_removed", self.request.user, kind=self.kind)
        return response


class AddPasskeyView(AddsFactorMixin, AddWebAuthnView):
    kind = Authenticator.Type.WEBAUTHN

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        # One that works alone, too.
        context["js_data"] = {"creation_options": begin_registration(self.request.user, True)}
        return context


class RemovePasskeyView(RemovesFactorMixin, RemoveWebAuthnView):
    kind = Authenticator.Type.WEBAUTHN
    success_url = reverse_lazy("mfa_index")


class AddAppView(AddsFactorMixin, ActivateTOTPView):
    kind = Authenticator.Type.TOTP


class RemoveAppView(RemovesFactorMixin, DeactivateTOTPView):
    kind = Authenticator.Type.TOTP


class NewRecoveryCodesView(AddsFactorMixin, GenerateRecoveryCodesView):
    kind = Authenticator.Type.RECOVERY_CODES
    did_generate_recovery_codes = True


class RecoveryCodesView(ViewRecoveryCodesView):
    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["page_wanted"] = self.request.session.get(PAGE_WANTED, "") or reverse("account_you")
        return context


class UsePasskeyView(ReauthenticateWebAuthnView):
    """Asks once more for the passkey; once again where it did not fit, still on the way to the page asked for."""

    def form_invalid(self, form):
        super().form_invalid(form)
        wanted = get_request_param(self.request, "next", "")
        return redirect(url_with_next("mfa_reauthenticate_webauthn", wanted))


def url_after_setup(request):
    wanted = request.session.pop(PAGE_WANTED, "")
    return wanted if login_state.is_own_url(wanted) else reverse("mfa_index")


# The own account


@require_safe
@login_required
def you(request):
    factors = list(Authenticator.objects.filter(user_id=request.user.pk).order_by("created_at", "pk"))
    context = {
        "passkeys": [factor for factor in factors if factor.type == Authenticator.Type.WEBAUTHN],
        "app": next((factor for factor in factors if factor.type == Authenticator.Type.TOTP), None),
        "second_factor_is_needed": login_state.needs_second_factor(request.user),
        "provider_name": provider_name(),
        "connection": SocialAccount.objects.filter(user_id=request.user.pk).first(),
    }
    return render(request, "account/you.html", context)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def your_data(request):
    if request.method == "POST":
        return personal_data_file(personal_data.export_person(request.user, by=request.user, now=timezone.now()))
    crumbs = [("Your account", reverse("account_you")), ("Your data", "")]
    return render(request, "account/your_data.html", {"crumbs": crumbs})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@login_required_keeping_post
def your_emails(request):
    initial = {"news_emails": request.user.news_emails}
    form = NewsEmailsForm(request.POST if request.method == "POST" else draft_data(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        choose_news_emails(request.user, form.cleaned_data["news_emails"], now=timezone.now())
        delete_draft(request)
        messages.success(request, "Your choice is saved.")
        return redirect("account_you")
    crumbs = [("Your account", reverse("account_you")), ("E-mails", "")]
    return render(request, "account/emails.html", {"form": form, "crumbs": crumbs})


def personal_data_file(data):
    response = JsonResponse(data, json_dumps_params={"indent": 2, "ensure_ascii": False})
    response["Content-Disposition"] = 'attachment; filename="personal-data.json"'
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@login_required
def sign_out_everywhere(request):
    sessions.end_sessions(request.user, by=request.user, now=timezone.now())
    logout(request)
    messages.success(request, "You have been signed out everywhere.")
    return redirect("account_login")


# Signing in with one click: its address exists in demonstration mode only (see scrutiny/urls.py)

DEMONSTRATION_DOMAIN = "@demonstration.example"


@dataclass(frozen=True)
class DemonstrationPerson:
    """A person to sign in as: `what` is the part they play."""

    pk: int
    name: str
    what: str


def demonstration_accounts():
    return (
        Person.objects.filter(email__endswith=DEMONSTRATION_DOMAIN, is_active=True)
        .annotate(contributions=Count("contributed_updates"))
        .order_by("pk")
    )


def demonstration_people():
    leading = set(Response.objects.values_list("lead_officer_id", flat=True))
    return [
        DemonstrationPerson(pk=person.pk, name=person.name, what=part_played(person, leading))
        for person in demonstration_accounts()
    ]


def part_played(person, leading):
    """The part they play, and their job title where it does not say so itself (Cabinet Member, Chair)."""
    if person.is_clerk:
        return f"Clerk ({person.job_title})"
    if person.pk in leading:
        return f"Lead officer ({person.job_title})"
    if person.contributions:
        return f"Contributor ({person.job_title})"
    return person.job_title


@require_POST
def sign_in_to_demonstration(request):
    """Sign in as the person of the demonstration whose number is posted as `person`; then go to `next`.

    404 for everybody else, whatever their number.
    """
    number = request.POST.get("person", "")
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        raise Http404
    person = get_object_or_404(demonstration_accounts(), pk=int(number))
    login(request, person, backend="django.contrib.auth.backends.ModelBackend")
    # As every other way does: a person who has just signed in may set up a second factor.
    record_authentication(request, person, "demonstration")
    wanted = request.POST.get("next", "")
    return redirect(wanted if login_state.is_own_url(wanted) else "/")

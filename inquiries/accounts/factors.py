"""Adding and removing second factors: allauth's pages, with history and a notice in the same transaction."""

from allauth.mfa.base.views import IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView, ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.internal.auth import begin_registration
from allauth.mfa.webauthn.views import AddWebAuthnView, ReauthenticateWebAuthnView, RemoveWebAuthnView
from allauth.utils import get_request_param
from django.db import transaction
from django.shortcuts import redirect
from django.urls import reverse, reverse_lazy
from django.utils import timezone

from inquiries.accounts import addresses
from inquiries.accounts.addresses import PAGE_WANTED
from inquiries.accounts.second_factor import is_needed, record_factor
from inquiries.accounts.security_log import note
from inquiries.actions.sessions import record_factor_added, record_factor_removed


class SecondFactorView(IndexView):
    """What somebody has for their second step, and what they can add."""

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["is_needed"] = is_needed(self.request.user)
        context["page_wanted"] = self.request.session.get(PAGE_WANTED, "")
        return context


class _Adds:
    kind = ""

    @transaction.atomic
    def form_valid(self, form):
        response = super().form_valid(form)
        person = self.request.user
        record_factor_added(person, self.kind, now=timezone.now())
        record_factor(self.request, person, self.kind)
        note("factor_added", person, kind=self.kind)
        return response

    def get_success_url(self):
        if self.did_generate_recovery_codes:
            return reverse("mfa_view_recovery_codes")
        return _page_afterwards(self.request)


class _Removes:
    kind = ""

    @transaction.atomic
    def form_valid(self, form):
        response = super().form_valid(form)
        record_factor_removed(self.request.user, self.kind, now=timezone.now())
        note("factor_removed", self.request.user, kind=self.kind)
        return response


class AddPasskeyView(_Adds, AddWebAuthnView):
    kind = Authenticator.Type.WEBAUTHN

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        # One that works alone, too.
        context["js_data"] = {"creation_options": begin_registration(self.request.user, True)}
        return context


class RemovePasskeyView(_Removes, RemoveWebAuthnView):
    kind = Authenticator.Type.WEBAUTHN
    success_url = reverse_lazy("mfa_index")


class AddAppView(_Adds, ActivateTOTPView):
    kind = Authenticator.Type.TOTP


class RemoveAppView(_Removes, DeactivateTOTPView):
    kind = Authenticator.Type.TOTP


class NewRecoveryCodesView(_Adds, GenerateRecoveryCodesView):
    kind = Authenticator.Type.RECOVERY_CODES
    did_generate_recovery_codes = True


class RecoveryCodesView(ViewRecoveryCodesView):
    """The codes, once; then on to the page that was asked for."""

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["page_wanted"] = self.request.session.get(PAGE_WANTED, "") or reverse("account_you")
        return context


class UsePasskeyView(ReauthenticateWebAuthnView):
    """Asks once more for the passkey; once again where it did not fit, still on the way to the page asked for."""

    def form_invalid(self, form):
        super().form_invalid(form)
        wanted = get_request_param(self.request, "next", "")
        return redirect(addresses.with_next("mfa_reauthenticate_webauthn", wanted))


def _page_afterwards(request):
    """Where to go after setting up: the page that was asked for before, else the list of factors."""
    wanted = request.session.pop(PAGE_WANTED, "")
    return wanted if wanted and addresses.is_own(wanted) else reverse("mfa_index")

"""The pages of signing in: the address, the code, the passkey."""

from allauth.account.internal.stagekit import stash_login
from allauth.account.views import ConfirmLoginCodeView, RequestLoginCodeView
from allauth.core import ratelimit
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.webauthn.views import LoginWebAuthnView
from allauth.utils import get_request_param
from django.conf import settings
from django.http import HttpResponseRedirect
from django.urls import reverse

from inquiries.accounts import addresses, mailing, stamps
from inquiries.accounts.council_sign_in import provider_name
from inquiries.accounts.ending_sessions import ENDED
from inquiries.accounts.security_log import note
from inquiries.models import Person
from inquiries.views.demonstration import demonstration_people

USED_UP = "This code can no longer be used. Ask for another."


def _look_for(person):
    """Ask the database as often for somebody unknown as for somebody known: else the time would tell them apart."""
    if person is None:
        Person.objects.filter(pk=0).first()


def _with_next(request, answer, name):
    """`answer`; where it leads back to the page `name`, with the page asked for in its address."""
    if answer.headers.get("Location") == reverse(name):
        answer.headers["Location"] = addresses.with_next(name, get_request_param(request, "next", ""))
    return answer


class _KeepsNext:
    """A link from a mail leads to its page, also where a sign-in was begun before and is gone on with."""

    def _redirect_to_pending_stage(self, request, stage):
        _look_for(stage.login.user)
        wanted = request.GET.get("next", "")
        if wanted and addresses.is_own(wanted):
            stage.login.redirect_url = wanted
            stash_login(request, stage.login)
        return HttpResponseRedirect(addresses.with_next(stage.urlname, wanted))


class SignInView(_KeepsNext, RequestLoginCodeView):
    """Asks for the e-mail address to which a code is sent; offers a passkey and the council's provider beside it.

    In demonstration mode it also offers everybody in it.
    """

    template_name = "account/login.html"

    def form_valid(self, form):
        if form._user:
            stamps.stamp(self.request, form._user)
        response = super().form_valid(form)
        mailing.send_when_answered(self.request, response)
        return response

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["provider_name"] = provider_name()
        context["ended"] = self.request.session.get(ENDED, "")
        context["idle_minutes"] = settings.IDLE_MINUTES
        if settings.DEMONSTRATION:
            context["demonstration_people"] = demonstration_people()
        return context


class EnterCodeView(ConfirmLoginCodeView):
    """Takes the code from the mail. Guesses are counted for each account and address, over all codes asked for."""

    def dispatch(self, request, *args, **kwargs):
        # Too late, or in another browser: the link from the mail still counts.
        return _with_next(request, super().dispatch(request, *args, **kwargs), "account_request_login_code")

    def get(self, request, *args, **kwargs):
        _look_for(self._process.user)
        return super().get(request, *args, **kwargs)

    def post(self, request, *args, **kwargs):
        _look_for(self._process.user)
        key = self._process.state.get("email", "").lower()
        refused = ratelimit.consume_or_429(request, action="enter_login_code", key=key)
        if refused:
            note("limit_reached", self._process.user)
            return refused
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form):
        note("code_wrong", self._process.user)
        context = self.get_context_data(form=form)
        if not self._process.record_invalid_attempt():
            # The last wrong one uses the code up; another can be asked for at once, on the same page.
            context |= {"used_up": USED_UP, "error_list": [(USED_UP, "#another-code")]}
        return self.render_to_response(context)


class EnterSecondFactorView(AuthenticateView):
    """Asks for the second factor after the first. What is entered is counted for each account, for a whole day.

    allauth's own counts end with every success, and the owner signs in now and then, whoever else is guessing.
    """

    def dispatch(self, request, *args, **kwargs):
        # Too late: the page asked for still counts.
        return _with_next(request, super().dispatch(request, *args, **kwargs), "account_login")

    def post(self, request, *args, **kwargs):
        person = self.stage.login.user
        refused = ratelimit.consume_or_429(request, action="enter_second_factor", key=str(person.pk))
        if refused:
            note("limit_reached", person)
            return refused
        return super().post(request, *args, **kwargs)

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        context["page_wanted"] = self.stage.login.redirect_url or ""
        person = self.stage.login.user
        kinds = set(person.authenticator_set.values_list("type", flat=True))
        context["has_passkey"], context["has_app"] = "webauthn" in kinds, "totp" in kinds
        return context


class SignInByPasskeyView(_KeepsNext, LoginWebAuthnView):
    """Signs in by a passkey alone, without an e-mail address."""

    def form_invalid(self, form):
        super().form_invalid(form)
        return HttpResponseRedirect(addresses.with_next("account_login", self.request.POST.get("next", "")))

"""A person's own account."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from inquiries.accounts.council_sign_in import provider_name
from inquiries.accounts.second_factor import is_needed
from inquiries.actions import sessions


@require_safe
@login_required
def you(request):
    """Who we think you are, how you sign in, and the button that signs you out everywhere."""
    factors = list(Authenticator.objects.filter(user_id=request.user.pk).order_by("created_at", "pk"))
    context = {
        "passkeys": [factor for factor in factors if factor.type == Authenticator.Type.WEBAUTHN],
        "app": next((factor for factor in factors if factor.type == Authenticator.Type.TOTP), None),
        "second_factor_is_needed": is_needed(request.user),
        "provider_name": provider_name(),
        "connection": SocialAccount.objects.filter(user_id=request.user.pk).first(),
    }
    return render(request, "account/you.html", context)


@require_POST
@login_required
def sign_out_everywhere(request):
    """End all sessions of this person, this one included."""
    sessions.end_sessions(request.user, by=request.user, now=timezone.now())
    logout(request)
    messages.success(request, "You have been signed out everywhere.")
    return redirect("account_login")

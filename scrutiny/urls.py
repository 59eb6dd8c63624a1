"""The addresses that are not the domain's own; those are in `inquiries/urls.py`."""

from allauth.account import views as account
from allauth.account.decorators import secure_admin_login
from allauth.mfa.base.views import reauthenticate
from django.conf import settings
from django.contrib import admin
from django.http import Http404
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path

from inquiries.accounts import oidc, views


def redirect_to_admin_index(request, extra_context=None):
    return redirect("admin:index")


def refuse_passwords(request, extra_context=None):
    raise Http404


# People sign in to the admin as everywhere else. Its own forms would take a password: a way past the second factor.
admin.site.login = secure_admin_login(redirect_to_admin_index)  # type: ignore[method-assign]
admin.site.password_change = refuse_passwords  # type: ignore[method-assign]
admin.site.password_change_done = refuse_passwords  # type: ignore[method-assign]
admin.site.site_header = "Scrutiny administration"
admin.site.site_title = "Scrutiny"
admin.site.index_title = "Records"

# Of allauth's pages only those that are used.
account_urls = [
    # One page asks for the e-mail address; allauth knows it under two names.
    path("login/", views.SignInView.as_view(), name="account_login"),
    path("login/code/", views.SignInView.as_view(), name="account_request_login_code"),
    path("login/code/confirm/", views.EnterCodeView.as_view(), name="account_confirm_login_code"),
    path("login/passkey/", views.SignInByPasskeyView.as_view(), name="mfa_login_webauthn"),
    path("login/second-factor/", views.EnterSecondFactorView.as_view(), name="mfa_authenticate"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    # The council's provider: these do not exist where none is configured.
    path("oidc/<slug:provider_id>/login/", oidc.sign_in, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", oidc.callback, name="openid_connect_callback"),
    # The own account
    path("you/", views.you, name="account_you"),
    path("you/e-mails/", views.your_emails, name="account_emails"),
    path("you/data.json", views.your_data, name="account_your_data"),
    path("you/sign-out-everywhere/", views.sign_out_everywhere, name="account_sign_out_everywhere"),
    # Second factors
    path("second-factor/", views.SecondFactorView.as_view(), name="mfa_index"),
    path("second-factor/use/", reauthenticate, name="mfa_reauthenticate"),
    path("second-factor/use/passkey/", views.UsePasskeyView.as_view(), name="mfa_reauthenticate_webauthn"),
    path("second-factor/app/add/", views.AddAppView.as_view(), name="mfa_activate_totp"),
    path("second-factor/app/remove/", views.RemoveAppView.as_view(), name="mfa_deactivate_totp"),
    path("second-factor/passkeys/add/", views.AddPasskeyView.as_view(), name="mfa_add_webauthn"),
    path("second-factor/passkeys/<int:pk>/remove/", views.RemovePasskeyView.as_view(), name="mfa_remove_webauthn"),
    path("second-factor/codes/", views.RecoveryCodesView.as_view(), name="mfa_view_recovery_codes"),
    path("second-factor/codes/new/", views.NewRecoveryCodesView.as_view(), name="mfa_generate_recovery_codes"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include(account_urls)),
    path("admin/", admin.site.urls),
    path("", include("inquiries.urls")),
]

if settings.DEMONSTRATION:
    urlpatterns.insert(0, path("demonstration/sign-in/", views.sign_in_to_demonstration, name="demonstration_sign_in"))

handler400 = "inquiries.views.site.bad_request"
handler403 = "inquiries.views.site.forbidden"
handler404 = "inquiries.views.site.not_found"
handler500 = "inquiries.views.site.server_error"

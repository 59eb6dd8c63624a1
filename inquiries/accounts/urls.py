"""The addresses below /accounts/: of allauth's only those that are used."""

from allauth.account import views as account
from allauth.mfa.base.views import reauthenticate
from django.urls import path

from inquiries.accounts import council_sign_in, factors, pages, sign_in

urlpatterns = [
    # One page asks for the e-mail address; allauth knows it under two names.
    path("login/", sign_in.SignInView.as_view(), name="account_login"),
    path("login/code/", sign_in.SignInView.as_view(), name="account_request_login_code"),
    path("login/code/confirm/", sign_in.EnterCodeView.as_view(), name="account_confirm_login_code"),
    path("login/passkey/", sign_in.SignInByPasskeyView.as_view(), name="mfa_login_webauthn"),
    path("login/second-factor/", sign_in.EnterSecondFactorView.as_view(), name="mfa_authenticate"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    # The council's provider: these do not exist where none is configured.
    path("oidc/<slug:provider_id>/login/", council_sign_in.sign_in, name="openid_connect_login"),
    path("oidc/<slug:provider_id>/login/callback/", council_sign_in.come_back, name="openid_connect_callback"),
    # The own account
    path("you/", pages.you, name="account_you"),
    path("you/sign-out-everywhere/", pages.sign_out_everywhere, name="account_sign_out_everywhere"),
    # Second factors
    path("second-factor/", factors.SecondFactorView.as_view(), name="mfa_index"),
    path("second-factor/use/", reauthenticate, name="mfa_reauthenticate"),
    path("second-factor/use/passkey/", factors.UsePasskeyView.as_view(), name="mfa_reauthenticate_webauthn"),
    path("second-factor/app/add/", factors.AddAppView.as_view(), name="mfa_activate_totp"),
    path("second-factor/app/remove/", factors.RemoveAppView.as_view(), name="mfa_deactivate_totp"),
    path("second-factor/passkeys/add/", factors.AddPasskeyView.as_view(), name="mfa_add_webauthn"),
    path("second-factor/passkeys/<int:pk>/remove/", factors.RemovePasskeyView.as_view(), name="mfa_remove_webauthn"),
    path("second-factor/codes/", factors.RecoveryCodesView.as_view(), name="mfa_view_recovery_codes"),
    path("second-factor/codes/new/", factors.NewRecoveryCodesView.as_view(), name="mfa_generate_recovery_codes"),
]

"""The addresses that are not the domain's own; those are in `inquiries/urls.py`."""

from allauth.account import views as account_views
from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from inquiries.accounts import SignInView
from inquiries.views import demonstration

# People sign in to the admin as everywhere else; it has no password form of its own.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = "Scrutiny administration"
admin.site.site_title = "Scrutiny"
admin.site.index_title = "Records"

accounts = [
    # One page asks for the e-mail address; allauth knows it under two names.
    path("login/", SignInView.as_view(), name="account_login"),
    path("login/code/", SignInView.as_view(), name="account_request_login_code"),
    path("login/code/confirm/", account_views.confirm_login_code, name="account_confirm_login_code"),
    path("logout/", account_views.logout, name="account_logout"),
    path("inactive/", account_views.account_inactive, name="account_inactive"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include(accounts)),
    path("admin/", admin.site.urls),
    path("", include("inquiries.urls")),
]

if settings.DEMONSTRATION:
    urlpatterns.insert(0, path("demonstration/sign-in/", demonstration.sign_in, name="demonstration_sign_in"))

handler403 = "inquiries.views.errors.forbidden"
handler404 = "inquiries.views.errors.not_found"
handler500 = "inquiries.views.errors.server_error"

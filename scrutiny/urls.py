"""The addresses that are not the domain's own; those are in `inquiries/urls.py`."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from inquiries.views import demonstration, your_data

# People sign in to the admin as everywhere else; it has no password form of its own.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = "Scrutiny administration"
admin.site.site_title = "Scrutiny"
admin.site.index_title = "Records"

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/you/data.json", your_data.account_your_data, name="account_your_data"),
    path("accounts/", include("inquiries.accounts.urls")),
    path("admin/", admin.site.urls),
    path("", include("inquiries.urls")),
]

if settings.DEMONSTRATION:
    urlpatterns.insert(0, path("demonstration/sign-in/", demonstration.sign_in, name="demonstration_sign_in"))

handler403 = "inquiries.views.errors.forbidden"
handler404 = "inquiries.views.errors.not_found"
handler500 = "inquiries.views.errors.server_error"

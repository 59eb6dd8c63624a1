"""The addresses that are not the domain's own; those are in `inquiries/urls.py`."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.http import Http404
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, include, path

from inquiries.views import demonstration


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

urlpatterns: list[URLPattern | URLResolver] = [
    path("accounts/", include("inquiries.accounts.urls")),
    path("admin/", admin.site.urls),
    path("", include("inquiries.urls")),
]

if settings.DEMONSTRATION:
    urlpatterns.insert(0, path("demonstration/sign-in/", demonstration.sign_in, name="demonstration_sign_in"))

handler403 = "inquiries.views.errors.forbidden"
handler404 = "inquiries.views.errors.not_found"
handler500 = "inquiries.views.errors.server_error"

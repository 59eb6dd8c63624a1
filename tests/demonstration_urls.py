"""The addresses as they are in demonstration mode: scrutiny/urls.py decides when it is loaded, once for all tests."""

from django.urls import path

from inquiries.accounts import views
from scrutiny.urls import handler403, handler404, handler500
from scrutiny.urls import urlpatterns as without_demonstration

__all__ = ["handler403", "handler404", "handler500", "urlpatterns"]

urlpatterns = [
    path("demonstration/sign-in/", views.sign_in_to_demonstration, name="demonstration_sign_in"),
    *without_demonstration,
]

"""Signing in: who gets an account, and what the sign-in page shows."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.views import RequestLoginCodeView
from django.conf import settings

from inquiries.views.demonstration import demonstration_people


class AccountAdapter(DefaultAccountAdapter):
    """Accounts are made by clerks: nobody signs up."""

    def is_open_for_signup(self, request):
        return False


class SignInView(RequestLoginCodeView):
    """Asks for the e-mail address to which a code is sent; in demonstration mode also offers everybody in it."""

    template_name = "account/login.html"

    def get_context_data(self, **kwargs):
        context = super().get_context_data(**kwargs)
        if settings.DEMONSTRATION:
            context["demonstration_people"] = demonstration_people()
        return context

"""Django's admin for clerks: records are kept here through the actions, deeds have pages of their own."""

# Imported first, so that they have registered what is taken away again below: accounts are people, and
# what they may do is in permissions.py.
import allauth.account.admin
import allauth.mfa.admin
import allauth.socialaccount.admin  # noqa: F401
import django.contrib.auth.admin  # noqa: F401
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin
from django.contrib.auth.models import Group

from inquiries.admin import (  # noqa: F401
    committees,
    history,
    imports,
    inquiries,
    meetings,
    people,
    progress,
    responses,
)

admin.site.unregister([Group, EmailAddress, Authenticator, SocialAccount, SocialApp, SocialToken])

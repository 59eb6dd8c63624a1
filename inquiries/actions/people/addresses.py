"""The e-mail address of a person, as signing in knows it."""

from allauth.account.models import EmailAddress


def keep_address(person):
    """Make the person's e-mail address, and no other, the one with which they sign in.

    A clerk vouches for it, so it counts as verified. An address that is no longer the person's must not let
    anybody sign in as them; one that was somebody else's before is theirs no more.
    """
    theirs = EmailAddress.objects.filter(user=person)
    if not person.email:
        theirs.delete()
        return
    # The library stores addresses, and looks for them, in small letters.
    address = person.email.lower()
    theirs.exclude(email=address).delete()
    EmailAddress.objects.filter(email=address).exclude(user=person).delete()
    EmailAddress.objects.update_or_create(user=person, email=address, defaults={"verified": True, "primary": True})

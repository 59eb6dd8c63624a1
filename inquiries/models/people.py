"""Who: one account for everybody, whatever their roles; the seats they hold; what they have typed and not saved."""

from datetime import timedelta

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.core.signing import TimestampSigner
from django.db import models
from django.db.models import CheckConstraint, F, Q
from django.db.models.functions import Lower
from django.http import QueryDict
from django.urls import reverse

from inquiries.choices import NewsEmails, SeatRole
from inquiries.models.fields import (
    LineField,
    alphabetical,
    both_or_neither,
    contains,
    ends_after_start,
    not_empty,
    once,
    one_of,
    timestamp_and_user,
)
from inquiries.text import fold_name, name_pattern, search_words


class PersonQuerySet(models.QuerySet):
    def clerks(self):
        return self.filter(is_clerk=True, is_active=True)

    def present(self):
        return self.filter(is_active=True)

    def with_refused_address(self):
        """Those whose present address the mail server has refused."""
        return self.filter(is_active=True, refused_address=F("email"))

    def named(self, *names):
        """Those with one of these names, however it is typed."""
        return self.filter(name__iregex=name_pattern(*names)) if any(map(fold_name, names)) else self.none()

    def matching(self, text, *, with_email=False):
        """Those whose name, job title or organisation (and e-mail address) holds every word of the text.

        Addresses are for clerks alone: who searches without seeing them could guess them letter by letter.
        """
        found = self
        for word in search_words(text.replace(",", " ")):
            holds = contains("name", word) | contains("job_title", word) | contains("organisation", word)
            found = found.filter(holds | contains("email", word) if with_email else holds)
        return found

    def by_name(self):
        return self.order_by(alphabetical("name"), "pk")


class Person(AbstractBaseUser):
    """A person who takes part. Without an e-mail address (imported, or of an outside body) nobody can sign in."""

    name = LineField(max_length=200)
    email = models.EmailField(
        "e-mail address",
        unique=True,
        null=True,
        blank=True,
        help_text="Codes for signing in are sent here. Leave it empty for a person who never signs in.",
        error_messages={"unique": "Another person already has this e-mail address."},
    )
    job_title = LineField(max_length=200, blank=True, help_text="As it is printed after the name.")
    organisation = LineField(max_length=200, blank=True, help_text="Where it is not the council itself.")
    is_clerk = models.BooleanField(
        "clerk",
        default=False,
        help_text="Scrutiny officers: record inquiries, commission updates, publish, use the admin.",
    )
    is_active = models.BooleanField(
        "active", default=True, help_text="Switch off instead of deleting when a person leaves."
    )
    director = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="officers",
        help_text="Who is told when this person’s work is late.",
    )
    refused_address = models.EmailField(
        blank=True, editable=False, help_text="The address that the mail server has refused, until it takes it again."
    )
    news_emails = models.CharField(
        "e-mails about what is new", max_length=10, choices=NewsEmails.choices, default=NewsEmails.AT_ONCE
    )
    invited_at, invited_by = timestamp_and_user()
    left_at, left_by = timestamp_and_user("recorded as a leaver by")
    merged_at, merged_by = timestamp_and_user()
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged_from",
        verbose_name="the same person as",
    )
    erased_at, erased_by = timestamp_and_user()

    objects = BaseUserManager.from_queryset(PersonQuerySet)()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name_plural = "people"
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="person_email_once",
                violation_error_message="Another person already has this e-mail address.",
            ),
            not_empty("name", "person_has_a_name", "A person needs a name."),
            CheckConstraint(
                name="person_email_is_never_empty_text",
                condition=Q(email__isnull=True) | ~Q(email=""),
                violation_error_message="Leave the e-mail address out where there is none.",
            ),
            *(both_or_neither(fact, f"person_{fact}_at_and_by") for fact in ("invited", "left", "merged", "erased")),
            one_of(NewsEmails, "news_emails", "person_news_emails_are_known"),
            CheckConstraint(
                name="person_is_not_their_own_director",
                condition=Q(director__isnull=True) | ~Q(director=F("id")),
                violation_error_message="Choose another person as the director.",
            ),
            CheckConstraint(
                name="person_who_left_is_not_active",
                condition=Q(left_at__isnull=True) | Q(is_active=False),
                violation_error_message="A person who has left cannot be active.",
            ),
            CheckConstraint(
                name="person_merged_says_into_whom",
                condition=Q(merged_at__isnull=True, merged_into__isnull=True)
                | Q(merged_at__isnull=False, merged_into__isnull=False, is_active=False, email__isnull=True),
                violation_error_message="A person merged into another is not active and has no e-mail address.",
            ),
            CheckConstraint(
                name="person_erased_cannot_sign_in",
                condition=Q(erased_at__isnull=True) | Q(is_active=False, email__isnull=True, refused_address=""),
                violation_error_message="A person whose data is erased is not active and has no e-mail address.",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def signed_key(self):
        """Names this person, beyond doubt and for a week, in a form that may come back without their session."""
        return TimestampSigner(salt="signed key").sign(self.pk)

    @staticmethod
    def read_signed_key(signed):
        """The primary key, as text. Raises BadSignature."""
        return TimestampSigner(salt="signed key").unsign(signed, max_age=timedelta(days=7))

    def clean(self):
        super().clean()
        self.email = self.email or None

    def get_short_name(self):
        return self.name

    @property
    def has_refused_address(self):
        return self.is_active and bool(self.email) and self.refused_address == self.email

    @property
    def title_and_name(self):
        return ", ".join(part for part in (self.name, self.job_title) if part)

    @property
    def is_staff(self):
        return self.is_clerk

    def has_perm(self, perm, obj=None):
        """Django's permission names play no part here: the admin asks `permissions.py` (see admin)."""
        return self.is_active and self.is_clerk

    def has_module_perms(self, app_label):
        return self.is_active and self.is_clerk


class PersonalValue(models.Model):
    """A value of a person's that history must show while it is kept, and that must go when the person is erased.

    History itself can't be changed, so what may have to be erased (e-mail addresses) is kept beside it: the entry
    says that the field changed, this row from what to what.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="personal_values")
    entry_id = models.BigIntegerField(help_text="The history entry whose change this is.")
    field = models.CharField(max_length=50)
    before = models.TextField(blank=True)
    after = models.TextField(blank=True)

    class Meta:
        constraints = [
            once(["entry_id", "field"], "personal_value_once", "This change has been recorded already."),
        ]

    def __str__(self):
        return f"{self.field} of {self.person}"


class SeatQuerySet(models.QuerySet):
    def on(self, day):
        return self.filter(from_date__lte=day).filter(Q(until_date__isnull=True) | Q(until_date__gte=day))

    def chairing(self):
        """The chairs. A vice-chair takes the chair only where the clerk records them as chair."""
        return self.filter(role=SeatRole.CHAIR)


class CabinetMember(models.Model):
    """A person's seat in Cabinet: a portfolio, from one day until another."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="cabinet_seats")
    portfolio = LineField(max_length=200)
    from_date = models.DateField("from")
    until_date = models.DateField("until", null=True, blank=True, help_text="Empty while the seat is held.")

    objects = SeatQuerySet.as_manager()

    class Meta:
        verbose_name = "Cabinet Member"
        ordering = [alphabetical("portfolio"), F("until_date").desc(nulls_first=True)]
        constraints = [
            ends_after_start("from_date", "until_date", "cabinet_member_ends_after_it_starts"),
            once(
                ["person", "portfolio"],
                "cabinet_member_holds_a_portfolio_once",
                "This person already holds this portfolio.",
                condition=Q(until_date__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.person} ({self.portfolio})"


class Committee(models.Model):
    """A select committee."""

    name = LineField(max_length=200, unique=True)
    slug = models.SlugField(max_length=100, unique=True, help_text="The name in web addresses.")

    class Meta:
        ordering = [alphabetical("name")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("public:committee", args=[self.slug])


class Membership(models.Model):
    """A person's seat on a committee, from one day until another."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=SeatRole.choices, default=SeatRole.MEMBER)
    from_date = models.DateField("from")
    until_date = models.DateField("until", null=True, blank=True, help_text="Empty while the person sits.")

    objects = SeatQuerySet.as_manager()

    class Meta:
        ordering = ["committee", F("until_date").desc(nulls_first=True), "from_date"]
        constraints = [
            one_of(SeatRole, "role", "membership_role_is_known"),
            ends_after_start("from_date", "until_date", "membership_ends_after_it_starts"),
            once(
                ["committee", "person"],
                "membership_once_at_a_time",
                "This person already sits on this committee.",
                condition=Q(until_date__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.person}, {self.get_role_display().lower()} of {self.committee}"


class Draft(models.Model):
    """What one person typed into the form at an address and has not saved. Theirs alone: no record, no history."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="drafts")
    address = models.CharField(max_length=500, help_text="The path of the page with the form.")
    data = models.JSONField(help_text="The fields as they were posted: {name: [values]}.")
    based_on_version = models.PositiveIntegerField(
        null=True, blank=True, help_text="The version of the record that the form was opened with."
    )
    updated_at = models.DateTimeField(db_index=True)

    class Meta:
        ordering = ["person", "address"]
        constraints = [
            once(
                ["person", "address"],
                "draft_once_per_person_and_address",
                "This person already has a draft at this address.",
            ),
        ]

    def __str__(self):
        return f"{self.person}: {self.address}"

    @property
    def posted(self):
        posted = QueryDict(mutable=True)
        for name, values in self.data.items():
            posted.setlist(name, values)
        return posted

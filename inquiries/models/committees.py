"""A select committee and who sits on it."""

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from inquiries.choices import SeatRole
from inquiries.models.fields import alphabetical, ends_after_start, once, one_of
from inquiries.models.people import Person


class Committee(models.Model):
    """A select committee."""

    name = models.CharField(max_length=200, unique=True)
    slug = models.SlugField(max_length=100, unique=True, help_text="The name in web addresses.")

    class Meta:
        ordering = [alphabetical("name")]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return reverse("public:committee", args=[self.slug])


class MembershipQuerySet(models.QuerySet):
    def on(self, day):
        return self.filter(from_date__lte=day).filter(Q(until_date__isnull=True) | Q(until_date__gte=day))

    def chairing(self):
        """The chairs. A vice-chair takes the chair only where the clerk records them as chair."""
        return self.filter(role=SeatRole.CHAIR)


class Membership(models.Model):
    """A person's seat on a committee, from one day until another."""

    committee = models.ForeignKey(Committee, on_delete=models.PROTECT, related_name="memberships")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=20, choices=SeatRole.choices, default=SeatRole.MEMBER)
    from_date = models.DateField("from")
    until_date = models.DateField("until", null=True, blank=True, help_text="Empty while the person sits.")

    objects = MembershipQuerySet.as_manager()

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

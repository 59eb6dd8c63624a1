"""What happened, and who did it: the two columns of a dated fact."""

from django.conf import settings
from django.db import models


def happened(fact):
    """The two columns of a dated fact: `<fact>_at` and `<fact>_by`."""
    return (
        models.DateTimeField(null=True, blank=True, editable=False),
        models.ForeignKey(
            settings.AUTH_USER_MODEL,
            on_delete=models.PROTECT,
            null=True,
            blank=True,
            editable=False,
            related_name="+",
            verbose_name=fact,
        ),
    )

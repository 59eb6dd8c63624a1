"""A process of its own that runs `manage.py send_notices` on the database of a test, its mails into files.

python -m tests.commands.sender NAME_OF_DATABASE FOLDER_FOR_MAILS [OPTION ...]
"""

import os
import subprocess
import sys
from email import message_from_bytes
from email.policy import default

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection


def start(folder, *options):
    """A process that sends what waits in this test's database; its mails go into `folder`."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.commands.sender", str(connection.settings_dict["NAME"]), str(folder), *options],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def subjects(folder):
    """The subjects of the mails in the folder, sorted."""
    mails = b"".join(path.read_bytes() for path in folder.rglob("*.log")).split(b"-" * 79 + b"\n")
    return sorted(message_from_bytes(mail, policy=default)["Subject"] for mail in mails if mail.strip())


def main(database, folder, *options):
    settings.DATABASES["default"]["NAME"] = database
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.EMAIL_FILE_PATH = folder
    django.setup()
    call_command("send_notices", *options)


if __name__ == "__main__":
    main(*sys.argv[1:])

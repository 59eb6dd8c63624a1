#!/usr/bin/env python3
"""The command line of the application."""

import gc
import os
import sys

# Starting makes a great deal of which nothing is dropped: to look through it again and again is a sixth of the work.
gc.set_threshold(50_000, 10, 10)

try:
    from django.core.management import execute_from_command_line

    from scrutiny.env import SettingError
except ImportError:
    sys.exit("Django is not installed here. Run 'make setup' first, then use .venv/bin/python manage.py.")


def main():
    """Run the command given on the command line."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "scrutiny.settings")
    try:
        execute_from_command_line(sys.argv)
    except SettingError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()

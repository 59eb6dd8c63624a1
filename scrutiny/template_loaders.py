"""Where templates come from, without the indentation of their source: of a long page it is a third."""

import re

from django.template.loaders import app_directories, filesystem

INDENTATION = re.compile(r"\n[ \t]+")


class Unindented:
    def get_contents(self, origin):
        contents = super().get_contents(origin)
        # Lines stay, so that errors name the right one. In a letter or an e-mail as plain text blanks are seen.
        return INDENTATION.sub("\n", contents) if origin.name.endswith(".html") else contents


class FilesystemLoader(Unindented, filesystem.Loader):
    """Of the folders in DIRS."""


class AppDirectoriesLoader(Unindented, app_directories.Loader):
    """Of the applications."""

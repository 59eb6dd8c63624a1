"""Where files are kept on this machine or a shared folder: whole, or not at all."""

import os
import secrets

from django.core.files.storage import FileSystemStorage

UNFINISHED = ".unfinished-"


class WholeFileStorage(FileSystemStorage):
    """Writes under another name first, so that a full disk or a process that is killed leaves no part of a file."""

    def _save(self, name, content):
        unfinished = os.path.join(os.path.dirname(name), f"{UNFINISHED}{secrets.token_hex(16)}")
        try:
            super()._save(unfinished, content)
            with open(self.path(unfinished), "rb") as file:
                os.fsync(file.fileno())
            # Reserved before: renaming would write over what got the name meanwhile.
            name = self.reserve(name)
            os.replace(self.path(unfinished), self.path(name))
        except BaseException:
            self.delete(unfinished)
            raise
        return name

    def reserve(self, name):
        while True:
            try:
                os.close(os.open(self.path(name), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            except FileExistsError:
                name = self.get_available_name(name)
            else:
                return name

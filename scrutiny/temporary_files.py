"""Temporary folders and files that a process which was killed has left on this machine."""

import os
import shutil
import tempfile
import time
from pathlib import Path

# Packs being built, papers being checked, uploads being received.
PATTERNS = ("scrutiny-pack-*", "scrutiny-upload-*", "tmp*.upload*")
KEPT_SECONDS = 24 * 60 * 60


def find_left_behind():
    """Those of this account that have not changed for a day."""
    before = time.time() - KEPT_SECONDS
    found = []
    for pattern in PATTERNS:
        for path in Path(tempfile.gettempdir()).glob(pattern):
            about = path.lstat()
            if about.st_uid == os.getuid() and about.st_mtime < before:
                found.append(path)
    return sorted(found)


def delete_left_behind():
    found = find_left_behind()
    for path in found:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    return found

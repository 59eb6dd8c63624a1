"""How static files are kept for the browser: compressed, with a fingerprint in their name."""

from whitenoise.storage import CompressedManifestStaticFilesStorage


class ManifestStorage(CompressedManifestStaticFilesStorage):
    """Fingerprints the files that our own script modules import, too."""

    support_js_module_import_aggregation = True

"""Uploaded papers: what is taken, refused and cleaned. See docs/uploads.md."""

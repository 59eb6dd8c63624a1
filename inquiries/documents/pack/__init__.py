"""Agenda packs: what stands in them, on which pages, and how the file is made."""

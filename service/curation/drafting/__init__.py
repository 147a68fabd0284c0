"""Drafts of readings."""

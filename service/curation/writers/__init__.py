"""The only code that writes curated files: whole edits of claims, vocabularies and changes.

Each is checked as it would be read, and takes effect as a whole or not at all.
"""

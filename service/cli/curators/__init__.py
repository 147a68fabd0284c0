"""Commands for curators: they draft, read and compare, and write curated files."""

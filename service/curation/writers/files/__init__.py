"""The text of curated files: what an edit does not change stays as it was, to the byte."""

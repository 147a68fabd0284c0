"""The page on which one record is revised, replaced or withdrawn, and written at once."""

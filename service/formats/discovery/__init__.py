"""What leads programs and readers to the data: citations, feeds, and files that describe it."""

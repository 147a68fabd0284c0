"""Claims and their data set as linked data (JSON-LD 1.1); every document brings its own context,
so that nothing has to be fetched to read it.
"""

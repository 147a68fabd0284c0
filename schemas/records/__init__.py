"""The records of a data set: claims, changes, vocabularies, and the description of the whole."""

"""The default store: a tantivy search index over a compiled data set."""

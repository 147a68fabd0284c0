"""Claims in a cluster of OpenSearch, for data sets that one machine does not hold."""

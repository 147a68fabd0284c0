"""The store on OpenSearch: the contract on a real cluster of three nodes, and what breaks there."""

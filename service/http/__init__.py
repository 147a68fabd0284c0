"""HTTP: routes, replies, problems, headers, logs, cache and metrics."""

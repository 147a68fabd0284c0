"""From records and pages to bytes: JSON envelopes, CSV, NDJSON, JSON-LD."""

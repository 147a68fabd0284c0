"""What a claim is found by, whatever the engine: fields, and queries as terms and ranges."""

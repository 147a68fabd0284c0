"""What the service reaches, and what those things reach that one would use instead of it."""

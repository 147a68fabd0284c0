"""What one would use instead: small programs, each as its users would write it."""

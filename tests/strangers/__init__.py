"""What programs that know nothing of this service make of it by their defaults: make strangers."""

"""How the service is run: gunicorn's settings, its worker, the readiness probe."""

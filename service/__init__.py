"""The policy claims service: importing the package alone loads nothing of it, Flask least of all."""

__version__ = "1.0.0"

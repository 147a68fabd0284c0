"""The policy claims service. Importing the package alone loads nothing of it."""

__version__ = "1.0.0"

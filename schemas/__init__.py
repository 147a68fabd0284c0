"""What things are: marshmallow schemas and frozen dataclasses; pure, no I/O, no Flask."""

"""The workbench: a page on this machine on which a curator reads a document, unit by unit.

An application of its own, never part of the one that is served: it writes a reading, answers one
person on 127.0.0.1, and holds the text of a document, which the service never does.
"""

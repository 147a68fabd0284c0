"""Proofs that nothing breaks the service, nothing is lost and nobody gets in.

Each test proves one promise and tells what it saw; ``make torture`` runs them at full length and
writes ``docs/reliability.md`` from what they told. CI runs a shorter form, with the same seed.
"""

"""Proofs at the size of an institute: 100,000 claims, asked, exported, counted, built and served.

Left out of ``make test``; ``make test PYTEST_ARGS="-m at_size"`` runs them. What
is drawn at random is drawn from ``AT_SIZE_SEED``, which a failure repeats.
"""

"""How far two readings of the same documents agree: which units, and on which fields of them."""

"""The tables that are exported: one column table for each, from which every form of it follows."""

"""Kinds of slide body: one registry, a module per kind."""

"""Copies what an application keeps in its volumes from one cluster to another."""

"""Situations of all sorts, and what `rok kube app explain` says of each."""

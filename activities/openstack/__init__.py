"""Clusters on OpenStack: by Magnum, or of plain servers."""

"""What workflows, activities and their callers say to each other: references, decisions, small results.

Manifests, kubeconfigs and credentials never appear here: activities load them by reference, which keeps
histories small and free of secrets. Fields are only ever added, with defaults, so that old histories replay.
"""

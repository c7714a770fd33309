"""Magnum clusters of the API group `openstack`: each is carried out by a Kubernetes cluster of its own."""

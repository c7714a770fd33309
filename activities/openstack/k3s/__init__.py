"""Kubernetes by k3s on plain servers: certificates, user data, releases and nodes."""

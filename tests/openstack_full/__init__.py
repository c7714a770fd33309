"""Nova's provider on a real OpenStack whose hypervisor is a fake one: `make test-openstack`."""

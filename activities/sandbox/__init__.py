"""A cluster provider for one machine: `sandbox`, which is also the example of how to write one."""

"""Boots what Nova's fake hypervisor does not: machines do what their user data says."""

"""One look at all applications: reading them, planning for them, and having done what is due."""

"""Who may do what: roles and bindings, asked in one place for every request."""

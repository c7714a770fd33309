"""The subcommands of the operator's command `krake`, one module each."""

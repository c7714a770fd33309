"""What makes clusters on clouds: the interface that every provider has, built in or from another package."""

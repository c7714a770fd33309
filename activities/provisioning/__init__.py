"""Making, changing and removing clusters at clouds, whatever the provider."""

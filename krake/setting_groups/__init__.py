"""The settings by what they are about; `krake.settings` puts them together."""

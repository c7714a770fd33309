"""The tables. Migrations create them; a test holds the two against each other."""

"""The `embedkit` command: parsing and printing; the work is in the package embedkit."""

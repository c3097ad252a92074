"""What batch mode tests: one registry of checks, each a few lines between a deal and a rule."""

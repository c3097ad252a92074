"""Rules of Toronto Stock Exchange."""

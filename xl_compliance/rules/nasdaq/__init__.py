"""Rules of The Nasdaq Stock Market."""

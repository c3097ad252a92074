"""Rules of the Securities and Exchange Commission."""

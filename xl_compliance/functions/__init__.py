"""The worksheet functions: one registry, read by every host."""

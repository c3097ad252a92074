"""Where the worksheet functions run: one module an Excel host, each read from the one registry."""

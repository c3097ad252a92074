"""Reports of a run, one module a format. Each has `render(report) -> str`."""

"""The deal and the cap table as frozen data, and reading them from a workbook."""

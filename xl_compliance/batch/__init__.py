"""Checking many workbooks, and reporting what was found."""

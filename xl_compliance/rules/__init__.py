"""The law: exchange and ownership rules as functions, in pure Python.

Each module is named after what it decides. Thresholds are dated data in `parameters/`; nothing
here reads a file of a user's or knows what a spreadsheet is.
"""

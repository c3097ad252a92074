"""The guide: pages written from what decides, tutorials that are run, pictures that are rendered.

`python -m xl_compliance.guide` writes the pages; nothing else in the package imports this room.
"""

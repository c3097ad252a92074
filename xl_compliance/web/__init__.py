"""One HTML file that checks workbooks in a browser, with Python inside and nothing installed."""

"""Excel workbooks in and out. Nothing else in the product knows what an .xlsx is."""

"""Spreadsheets and workbooks as files: read safely, written so that nothing in them runs."""

"""The Workbook page."""

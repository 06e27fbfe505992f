"""Formats that few files have: old and foreign spreadsheets, tables of web pages, databases, and what is no table."""

"""The program's version: shown on the Workbook page, kept with the answers that it wrote."""

VERSION = "1.1.0"

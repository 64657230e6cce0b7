"""Firmware bytes: encode and decode ACPI tables and CDAT; compile a document to them."""

"""The drawing surface: items that show the document, and gestures that edit it."""

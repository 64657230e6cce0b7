"""Charts of a recording. The only package that imports pyqtgraph, and only when first shown."""

"""CXL Designer: draw a CXL memory platform, see what Linux makes of it, play workloads on it."""

__version__ = "0.1.0"

"""Loops over pages, compiled with numba: the only place that knows it."""

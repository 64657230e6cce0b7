"""Runs: the handle a GUI or CLI holds, and the worker process behind it."""

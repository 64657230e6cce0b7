"""Synthetic workload generators with a seed, and checks of a scenario against a state."""

"""Editing scenarios: processes, phases, timed events and kernel knobs of a run."""

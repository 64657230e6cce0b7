"""The worker process of a run (started with ``-m``)."""

"""The Linux view: nodes, zones, distances, regions of the derived machine, each with its reason."""

"""The host physical address space, drawn to scale."""

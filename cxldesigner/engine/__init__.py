"""Page state, allocator, reclaim, migration, hotplug, cost model."""

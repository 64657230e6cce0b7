"""Playing recordings: the playhead, the running engine, the transport bar, the canvas overlay."""

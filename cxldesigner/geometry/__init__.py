"""Pure rectangles: part sizes, port positions, routing, automatic layout. No Qt."""

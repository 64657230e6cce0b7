"""What the pointer does on the canvas: one class for each gesture."""

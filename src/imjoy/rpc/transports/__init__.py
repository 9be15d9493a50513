"""Ways for frames to travel."""

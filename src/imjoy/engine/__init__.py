"""The engine: connects pages with the plugins that it starts for them."""

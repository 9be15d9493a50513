"""ImJoy: a workbench in the browser and the engine that runs its plugins."""

__version__ = "1.0.0"

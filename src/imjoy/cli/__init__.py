"""The command line: turns flags into settings and runs the engine."""

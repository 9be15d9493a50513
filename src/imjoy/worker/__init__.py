"""What runs inside a plugin's own Python: the standard library and the wire, nothing else."""

"""Moves frames between peers and makes the functions of others look like functions."""

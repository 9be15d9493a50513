"""Bytes to messages and back; does no input or output."""

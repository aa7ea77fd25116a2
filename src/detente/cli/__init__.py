"""The command line: one command a stage, each a line around a method of the study."""

from detente.cli.app import app, main

__all__ = ["app", "main"]

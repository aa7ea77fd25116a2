"""One pair a source: what is known about it, and its reader."""

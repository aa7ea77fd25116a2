"""A panel, one treated unit and a date to what changed there, compared with units that had no event."""

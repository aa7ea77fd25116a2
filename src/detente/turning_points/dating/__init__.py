"""A series to when it changed: partitions, tests of stability, and the probability of each date."""

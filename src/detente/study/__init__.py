"""A study folder to a report: the one shell around the stages, the only place that touches files.

import detente

study = detente.open("us-pakistan")
study.panel().frame
study.claims()
study.report()
"""

from detente.study.begin import demo, new
from detente.study.shell import Study, sources

__all__ = ["Study", "demo", "new", "sources"]

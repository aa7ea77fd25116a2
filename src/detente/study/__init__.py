"""A study folder to a report: the one shell around the stages, the only place that touches files.

import detente

study = detente.open("us-pakistan")
study.panel().frame
study.claims()
study.report()
"""

from detente.study.begin import demo, new
from detente.study.listing import sources
from detente.study.plain_files import columns_in, series_in, table_in
from detente.study.shell import Study

__all__ = ["Study", "columns_in", "demo", "new", "series_in", "sources", "table_in"]

"""Records to rows of one measure: Narwhals only, lazy, the same on every engine.

Each function here makes a function of (record tables, dyads) that yields the columns of `COLUMNS`. `dyads` is a frame
with the columns `sender` and `receiver`, native to the same engine: what the panel is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import narwhals as nw

    from detente.records import Records

    Frame = nw.LazyFrame[Any]
    Rows = Callable[[Records, Frame], Frame]

COLUMNS = ("sender", "receiver", "period_start", "period_end", "value", "status", "record")
"""What a row of a measure has; `record` holds the ids of the records behind it, parted by a space."""


def observed(*indicators: str, item: str = "", only_final: bool = False) -> Rows:
    """Observations of the named indicators as they are, of the dyads asked for.

    Args:
        item: Keep only observations of this item (visa class, account).
        only_final: Leave out what the source marks as derived, approximate or partial.
    """

    def rows(records: Records, dyads: Frame) -> Frame:
        import narwhals as nw

        found = _observations(records, indicators)
        if item:
            found = found.filter(nw.col("item") == item)
        if only_final:
            found = found.filter(nw.col("status").is_in(["final", "provisional"]))
        return found.join(dyads, on=["sender", "receiver"], how="inner").select(COLUMNS)

    return rows


def balance(exports: str, imports: str) -> Rows:
    """Goods from sender to receiver less goods from receiver to sender, as one of the two reports both.

    A reporter gives its exports and its imports; both flow from the record's sender to its receiver. Where both
    report, there is one row from the books of each, and the measure takes their mean. Half a balance is no balance.
    """

    def rows(records: Records, dyads: Frame) -> Frame:
        import narwhals as nw

        out, into = _observations(records, (exports,)), _observations(records, (imports,))
        return nw.concat([_net(out, into, dyads), _net(into, out, dyads)])

    return rows


def _net(along: Frame, against: Frame, dyads: Frame) -> Frame:
    """One flow along the dyad less one against it, of the periods that have both."""
    import narwhals as nw

    cell = ["sender", "receiver", "period_start", "period_end"]
    back = against.select(
        nw.col("receiver").alias("sender"),
        nw.col("sender").alias("receiver"),
        "period_start",
        "period_end",
        nw.col("value").alias("value_right"),
        nw.col("record").alias("record_right"),
        nw.col("status").alias("status_right"),
    )
    both = along.join(dyads, on=["sender", "receiver"], how="inner").join(back, on=cell, how="inner")
    return _combined(both, nw.col("value") - nw.col("value_right")).select(COLUMNS)


def distance(indicator: str) -> Rows:
    """Absolute difference of an attribute of the two states, period by period."""

    def rows(records: Records, dyads: Frame) -> Frame:
        import narwhals as nw

        value = (nw.col("value") - nw.col("value_right")).abs()
        return _paired(_observations(records, (indicator,)), dyads, "period_start", value)

    return rows


def vote_agreement(records: Records, dyads: Frame) -> Frame:
    """Agreement of two states roll call by roll call: 1 − |difference|/2 over the divided ones.

    A vote is 1 (yes), 2 (abstain) or 3 (no). A roll call belongs to the year in which its session opened, as in the
    published ideal points: session 74 opened in September 2019, and what it voted on in spring 2020 counts to 2019.
    """
    import narwhals as nw

    votes = _observations(records, ("un_vote",)).filter(nw.col("item").str.ends_with("divided"))
    value = 1.0 - (nw.col("value") - nw.col("value_right")).abs() / 2.0
    paired = _paired(votes, dyads, "item", value, keep=("item",))
    session = nw.col("item").str.replace_all("^s| .*$", "")
    opened = (session.cast(nw.Int64) + 1945).cast(nw.String)
    first_day = nw.concat_str(opened, nw.lit("-01-01")).str.to_datetime(format="%Y-%m-%d")
    return paired.with_columns(first_day.alias("period_start"), first_day.alias("period_end")).select(COLUMNS)


def _paired(attributes: Frame, dyads: Frame, key: str, value: nw.Expr, keep: Sequence[str] = ()) -> Frame:
    import narwhals as nw

    left = attributes.drop("receiver").join(dyads, on="sender", how="inner")
    right = attributes.select(
        nw.col("sender").alias("receiver"),
        nw.col(key).alias("_key"),
        nw.col("value").alias("value_right"),
        nw.col("record").alias("record_right"),
        nw.col("status").alias("status_right"),
    )
    both = left.with_columns(nw.col(key).alias("_key")).join(right, on=["receiver", "_key"], how="inner")
    return _combined(both, value).select(*COLUMNS, *keep)


def _combined(both: Frame, value: nw.Expr) -> Frame:
    """Two records as one row: both ids, and of the two statuses the one that is not plainly final."""
    import narwhals as nw

    first = nw.col("status") == "final"
    return both.with_columns(
        value.alias("value"),
        nw.concat_str("record", "record_right", separator=" ").alias("record"),
        nw.when(first).then(nw.col("status_right")).otherwise(nw.col("status")).alias("status"),
    )


def counted(*kinds: str) -> Rows:
    """One row of value 1 for each event whose kind starts with one of *kinds*."""

    def rows(records: Records, dyads: Frame) -> Frame:
        import narwhals as nw

        return _dated(_events(records, kinds).with_columns(nw.lit(1.0).alias("value")), dyads)

    return rows


def event_intensity(*kinds: str) -> Rows:
    """The intensity of each event of these kinds."""

    def rows(records: Records, dyads: Frame) -> Frame:
        import narwhals as nw

        return _dated(_events(records, kinds).with_columns(nw.col("intensity").alias("value")), dyads)

    return rows


def events_located(*kinds: str) -> Rows:
    """Events in the receiver's territory, by any hand: the dyad is anyone → where it happened."""

    def rows(records: Records, dyads: Frame) -> Frame:
        import narwhals as nw

        return _dated(_in_territory(_events(records, kinds)).with_columns(nw.lit(1.0).alias("value")), dyads)

    return rows


def deaths_located(*kinds: str) -> Rows:
    """Deaths (best estimate) in the receiver's territory, by any hand."""

    def rows(records: Records, dyads: Frame) -> Frame:
        import narwhals as nw

        return _dated(_in_territory(_events(records, kinds)).with_columns(nw.col("fatalities").alias("value")), dyads)

    return rows


def deaths_by_group(*kinds: str) -> Rows:
    """Deaths in events with the sender as a side, in the receiver's territory. Who killed whom is not in the source."""

    def rows(records: Records, dyads: Frame) -> Frame:
        import narwhals as nw

        events = _events(records, kinds).with_columns(nw.col("fatalities").alias("value"))
        first = events.with_columns(nw.col("location").alias("receiver"))
        second = events.filter(nw.col("receiver") != nw.col("sender")).with_columns(
            nw.col("receiver").alias("sender"), nw.col("location").alias("receiver")
        )
        return _dated(nw.concat([first, second.select(first.columns)]), dyads)

    return rows


def _in_territory(events: Frame) -> Frame:
    import narwhals as nw

    from detente.records import ANYONE

    return events.with_columns(nw.lit(ANYONE).alias("sender"), nw.col("location").alias("receiver"))


def _observations(records: Records, indicators: Sequence[str]) -> Frame:
    import narwhals as nw

    table: Frame = nw.from_native(records.observations).lazy()
    wanted = nw.col("indicator").is_in(list(indicators))
    return table.filter(wanted, ~nw.col("value").is_null()).with_columns(nw.col("observation_id").alias("record"))


def _events(records: Records, kinds: Sequence[str]) -> Frame:
    import narwhals as nw

    table: Frame = nw.from_native(records.events).lazy()
    wanted = nw.any_horizontal(*[nw.col("kind").str.starts_with(kind) for kind in kinds], ignore_nulls=True)
    return table.filter(wanted).with_columns(
        nw.col("event_id").alias("record"),
        nw.col("date").alias("period_start"),
        nw.col("date").alias("period_end"),
    )


def _dated(events: Frame, dyads: Frame) -> Frame:
    return events.join(dyads, on=["sender", "receiver"], how="inner").select(COLUMNS)

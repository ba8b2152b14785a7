"""Standbys of a server: who follows, how far behind, and whether a commit waits for them."""

from typing import Any, NamedTuple

SYNCHRONOUS = """(current_setting('synchronous_standby_names') <> ''
    AND current_setting('synchronous_commit') NOT IN ('off', 'local'))"""
"""In SQL: whether a commit waits until it is on a second machine."""


def lag(database: Any) -> float:
    """By how many seconds what a standby shows may be old; 0 for a primary.

    Without a connection to its primary it is the time since the last change that it knows of.
    """
    return float(database.execute_sql(_LAG).fetchone()[0])


_LAG = """SELECT CASE WHEN NOT pg_is_in_recovery() THEN 0
    WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn()
        AND EXISTS (SELECT 1 FROM pg_stat_wal_receiver) THEN 0
    ELSE coalesce(extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()), 0) END"""


class Replication(NamedTuple):
    """The servers of a database: `host:port` of the primary (None when it was not reached), the
    names of the standbys, and whether a commit waits until one of them has it (None without any).
    """

    primary: str | None
    standbys: list[str]
    synchronous: bool | None


def replication(database: Any) -> Replication:
    """Which servers keep a database. Any account may ask."""
    info = database.connection().info
    address = f"{info.host}:{info.port}"
    in_recovery, synchronous, names = database.execute_sql(_REPLICATION).fetchone()
    if in_recovery:
        return Replication(None, [address], None)
    return Replication(address, names, synchronous if names else None)


# Everybody may see these settings, and who follows, but not how each standby does.
_REPLICATION = f"""SELECT pg_is_in_recovery(), {SYNCHRONOUS},
    coalesce((SELECT array_agg(application_name ORDER BY application_name)
        FROM pg_stat_replication
        WHERE application_name NOT IN ('pg_basebackup', 'pg_receivewal')), ARRAY[]::text[])"""

"""In what state the ledger's server is: full, without a disk, a replica, with another clock. INFO always answers."""

import time
from dataclasses import dataclass
from typing import Any, cast

import redis

CLOCKS_APART_S = 5.0
"""Leases and budgets run by the server's clock; so far apart people read wrong times, and nothing breaks."""


@dataclass(frozen=True, slots=True)
class Condition:
    """The server now. `memory_share` is what of `maxmemory` is used, None where the server has no bound."""

    used_bytes: int
    memory_share: float | None
    is_disk_failing: bool
    is_replica: bool
    replica_lag_s: float | None
    clock_ahead_s: float

    @property
    def is_full(self) -> bool:
        """Whether the server refuses writes for want of memory."""
        return self.memory_share is not None and self.memory_share >= 1.0

    @property
    def can_write(self) -> bool:
        """Whether tickets can be taken in and verdicts written."""
        return not (self.is_full or self.is_disk_failing or self.is_replica)

    def troubles(self) -> list[str]:
        """Say what is wrong and what to do, one sentence each; none where all is well."""
        found = []
        if self.is_full:
            found.append(
                "the ledger's server is FULL (used memory is at maxmemory): nothing is accepted or recorded; raise "
                "maxmemory, or free memory with triage dead discard and a lower TRIAGE_RETENTION_DAYS"
            )
        if self.is_disk_failing:
            found.append(
                "the ledger's server CANNOT WRITE ITS FILES (MISCONF): nothing is accepted or recorded; free disk "
                "space where its data lies, it goes on by itself"
            )
        if self.is_replica:
            lag = "" if self.replica_lag_s is None else f", {self.replica_lag_s:.0f} s behind its master"
            found.append(f"this server is a replica{lag}: it takes nothing in; TRIAGE_REDIS_URL wants the master")
        if abs(self.clock_ahead_s) > CLOCKS_APART_S:
            where = "ahead of" if self.clock_ahead_s > 0 else "behind"
            found.append(f"the server's clock is {abs(self.clock_ahead_s):.0f} s {where} this machine's")
        return found


def read_condition(client: redis.Redis) -> Condition:
    """Ask the server; raises RedisError where it does not answer."""
    info: dict[str, Any] = client.info()
    seconds, micros = client.time()
    used, bound = int(info.get("used_memory", 0)), int(info.get("maxmemory", 0))
    is_replica = info.get("role") == "slave"
    lag = info.get("master_last_io_seconds_ago", -1)
    return Condition(
        used_bytes=used,
        memory_share=used / bound if bound else None,
        is_disk_failing=info.get("aof_last_write_status", "ok") != "ok" or _snapshots_stop_writes(client, info),
        is_replica=is_replica,
        replica_lag_s=float(lag) if is_replica and int(lag) >= 0 else None,
        clock_ahead_s=seconds + micros / 1e6 - time.time(),
    )


def _snapshots_stop_writes(client: redis.Redis, info: dict[str, Any]) -> bool:
    if info.get("rdb_last_bgsave_status", "ok") == "ok":
        return False
    try:
        found = cast("dict[str, Any]", client.config_get("stop-writes-on-bgsave-error", "save"))
    except redis.ResponseError:  # hosted servers often forbid CONFIG
        return False
    return found.get("stop-writes-on-bgsave-error") == "yes" and bool(found.get("save"))

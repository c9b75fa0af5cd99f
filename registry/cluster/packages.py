"""What the cluster needs of this machine, by the names of Debian's packages."""

from __future__ import annotations

from registry.servers.programs import postgresql_programs, program

NEEDED = {"etcd": "etcd-server", "patroni": "patroni", "haproxy": "haproxy",
          "pgbouncer": "pgbouncer", "setpriv": "util-linux"}


def missing_packages() -> list[str]:
    """The packages of Debian that a cluster on this machine lacks."""
    lacking = [package for name, package in NEEDED.items() if program(name) is None]
    return lacking if postgresql_programs() else [*lacking, "postgresql"]

"""The machines of the cluster: what runs on each, how it is started, how it dies.

db1 and db2 hold PostgreSQL under Patroni and a member of etcd; app1 and app2 hold HAProxy,
PgBouncer, a web node and a worker, app1 the third member of etcd. The order of starting is that
of deploy/README.md.
"""

from __future__ import annotations

import http.client
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

from registry.cluster.places import APPS, DATABASES, ETCD_MEMBERS, Places
from registry.config import ROOT
from registry.servers.ports import HOST
from registry.servers.processes import Process, kill_all, postmaster_of, wait_for
from registry.servers.programs import (
    as_server_user,
    ending_with_us,
    postgresql_programs,
    program,
)

SLOW_START = 90.0  # seconds within which each part must be up, on a machine with much to do


class Cluster:
    """Everything that runs, by the name of its process: ``db1 patroni``, ``app2 web`` …"""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.processes: dict[str, Process] = {}

    def start_databases(self) -> None:
        """etcd, then Patroni on both machines; up once the standby is synchronous."""
        for machine in ETCD_MEMBERS:
            self._start(f"{machine} etcd", [*as_server_user(), program("etcd") or ""],
                        {**_environment(), **self._given(machine, "etcd/etcd")})
        for machine in DATABASES:
            self.start_patroni(machine)
        wait_for("PostgreSQL with a synchronous standby", lambda: self.standby() is not None,
                 SLOW_START, list(self.processes.values()))

    def start_patroni(self, machine: str) -> None:
        """Start Patroni on a database machine; it starts its PostgreSQL."""
        config = self.places.files(machine) / "patroni" / "patroni.yml"
        self._start(f"{machine} patroni", [
            *as_server_user(), program("patroni") or "", str(config)], _environment())

    def make_database(self) -> None:
        """The registry's role and database, as deploy/README.md makes them."""
        psql = (postgresql_programs() or Path()) / "psql"
        leader = self.primary() or DATABASES[0]
        told = self.places.files(leader) / "postgresql" / "registry.sql"
        subprocess.run(
            [str(psql), "--quiet", "--no-psqlrc", "--set", "ON_ERROR_STOP=1",
             f"host={HOST} port={self.places.port(f'{leader} postgresql')} user=postgres "
             "dbname=postgres", "--file", str(told)],
            env={**_environment(), "PGPASSWORD": self.places.password}, check=True, timeout=60)

    def start_balancer(self, machine: str) -> Process:
        """HAProxy of an application machine. Begun as the user that it becomes: a process that
        changes its user is no longer told that its parent is gone."""
        config = self.places.files(machine) / "haproxy" / "haproxy.cfg"
        return self._start(f"{machine} haproxy", [
            *as_server_user(), program("haproxy") or "", "-db", "-f", str(config)],
            _environment())

    def start_web(self) -> None:
        """HAProxy and PgBouncer on both machines, then one web node alone, then the other."""
        for machine in APPS:
            self.start_balancer(machine)
            config = self.places.files(machine) / "pgbouncer" / "pgbouncer.ini"
            self._start(f"{machine} pgbouncer", [
                *as_server_user(), program("pgbouncer") or "", str(config)], _environment())
        for machine in APPS:
            name = f"{machine} web"
            self._start_product(name, machine, "serve", "--workers", "2")
            wait_for(name, partial(self._answers, name, "/healthz"), SLOW_START,
                     [self.processes[name]])

    def start_workers(self) -> None:
        """A worker on both machines, at the same moment."""
        for machine in APPS:
            self._start_product(f"{machine} worker", machine, "worker")

    def _start_product(self, name: str, machine: str, *command: str) -> None:
        self._start(name, [*ending_with_us(), sys.executable, "-P", "-m", "registry", *command],
                    self.settings(machine))

    def settings(self, machine: str) -> dict[str, str]:
        """The environment of the product on this machine."""
        return {**_environment(), **self._given(machine, "countersign.env"),
                "PYTHONPATH": str(ROOT), "COUNTERSIGN_LANGUAGE": "en"}

    def _given(self, machine: str, name: str) -> dict[str, str]:
        text = (self.places.files(machine) / name).read_text(encoding="utf-8")
        pairs = (word.partition("=") for word in shlex.split(text, comments=True))
        return {key: value for key, _, value in pairs}

    def _start(self, name: str, command: list[str], env: Mapping[str, str]) -> Process:
        process = Process(name.replace(" ", "-"), command, self.places.folder, env)
        self.processes[name] = process
        return process

    def primary(self) -> str | None:
        """The machine that leads PostgreSQL, as the members say; None where none does."""
        return self._with_role("leader")

    def standby(self) -> str | None:
        """The machine whose PostgreSQL is the synchronous standby; None where there is none."""
        return self._with_role("sync_standby")

    def _with_role(self, role: str) -> str | None:
        for machine in DATABASES:
            with suppress(OSError, ValueError, http.client.HTTPException):
                for member in self._asked(f"{machine} patroni", "/cluster").get("members", []):
                    if member["role"] == role and member["state"] == "running":
                        return str(member["name"])
        return None

    def _asked(self, name: str, path: str) -> dict[str, Any]:
        connection = http.client.HTTPConnection(HOST, self.places.port(name), timeout=3)
        try:
            connection.request("GET", path)
            found: dict[str, Any] = json.loads(connection.getresponse().read())
        finally:
            connection.close()
        return found

    def _answers(self, name: str, path: str) -> bool:
        connection = http.client.HTTPConnection(HOST, self.places.port(name), timeout=3)
        try:
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def cut_power(self, machine: str) -> None:
        """Kill everything on a database machine at once, PostgreSQL first of all."""
        kill_all(postmaster_of(self.places.data(machine)))
        for name, process in self.processes.items():
            if name.split()[0] == machine:
                process.kill()

    def end(self) -> None:
        """End everything, the product first and etcd last; whatever is left is killed."""
        for name in reversed(list(self.processes)):
            self.processes[name].end()
        for machine in DATABASES:
            kill_all(postmaster_of(self.places.data(machine)))


@contextmanager
def a_cluster(places: Places) -> Iterator[Cluster]:
    """A cluster with an empty database, without the product yet; ended with the block."""
    places.make()
    cluster = Cluster(places)
    try:
        cluster.start_databases()
        cluster.make_database()
        yield cluster
    finally:
        cluster.end()


def _environment() -> dict[str, str]:
    """Little of ours: where programs are, and the language that logs are in."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C.UTF-8",
            "HOME": os.environ.get("HOME", "/")}

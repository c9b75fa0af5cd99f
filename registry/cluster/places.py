"""Ports, folders and variables of a cluster on this machine, and the files made of them.

The files are made by deploy/render.py from deploy/'s own templates: what is tried here is what is
shipped. The variables are those of deploy/variables.example, with loopback and short timers.
"""

from __future__ import annotations

import grp
import secrets
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from registry.cluster.certificate import make_certificate
from registry.config import ROOT
from registry.servers.ports import HOST, free_port
from registry.servers.programs import (
    give_to_server_user,
    postgresql_programs,
    server_user,
)

ETCD_MEMBERS = ("db1", "db2", "app1")
DATABASES = ("db1", "db2")
APPS = ("app1", "app2")


@dataclass(frozen=True)
class Timers:
    """How soon Patroni gives up a primary; ``loop + 2 * retry`` must not exceed ``ttl``."""

    ttl: int = 8
    loop: int = 1
    retry: int = 3


@dataclass
class Places:
    """Where everything of one cluster is."""

    folder: Path
    timers: Timers = field(default_factory=Timers)
    password: str = field(default_factory=lambda: secrets.token_hex(16), repr=False)
    ports: dict[str, int] = field(default_factory=dict)

    def port(self, name: str) -> int:
        """The free port that goes by this name."""
        if name not in self.ports:
            self.ports[name] = free_port(self.ports.values())
        return self.ports[name]

    def home(self, machine: str) -> Path:
        """The folder of one of the machines."""
        return self.folder / machine

    def files(self, machine: str) -> Path:
        """Where the machine's configuration lies."""
        return self.home(machine) / "etc"

    def data(self, machine: str) -> Path:
        """The data folder of the machine's PostgreSQL."""
        return self.home(machine) / "postgresql"

    @property
    def shared(self) -> Path:
        """The data folder that both application machines mount."""
        return self.folder / "shared"

    @property
    def certificate(self) -> Path:
        """The certificate and key of the address that people come to."""
        return self.folder / "people.pem"

    def base_url(self) -> str:
        """The address that people come to: the balancer of the first application machine."""
        return f"https://localhost:{self.port('app1 people')}"

    def variables(self, machine: str) -> dict[str, str]:
        """Every variable of the templates as this machine has it."""
        home = self.home(machine)
        return {
            **self._of_databases(machine, home), **self._of_etcd(machine, home),
            **self._of_applications(machine, home),
            "NODE": machine, "NODE_HOST": HOST, "NETWORK": f"{HOST}/32",
            "SUPERUSER_PASSWORD": self.password, "REPLICATION_PASSWORD": self.password,
            "DATABASE_PASSWORD": self.password,
        }

    def _of_databases(self, machine: str, home: Path) -> dict[str, str]:
        return {
            "PATRONI_PORT": str(self.port(f"{machine} patroni")),
            "POSTGRESQL_PORT": str(self.port(f"{machine} postgresql")),
            "POSTGRESQL_DATA": str(self.data(machine)),
            "POSTGRESQL_BIN": str(postgresql_programs() or ""),
            "POSTGRESQL_SOCKETS": str(home), "PATRONI_PGPASS": str(home / "pgpass"),
            "PATRONI_TTL": str(self.timers.ttl), "PATRONI_LOOP": str(self.timers.loop),
            "PATRONI_RETRY": str(self.timers.retry), "WATCHDOG": '"off"',
        }

    def _of_etcd(self, machine: str, home: Path) -> dict[str, str]:
        members = [f"{each}=http://{HOST}:{self.port(f'{each} peer')}" for each in ETCD_MEMBERS]
        hosts = [f"{HOST}:{self.port(f'{each} etcd')}" for each in ETCD_MEMBERS]
        return {
            "ETCD_DATA": str(home / "etcd"), "ETCD_PORT": str(self.port(f"{machine} etcd")),
            "ETCD_PEER_PORT": str(self.port(f"{machine} peer")),
            "ETCD_HOSTS": ",".join(hosts), "ETCD_MEMBERS": ",".join(members),
        }

    def _of_applications(self, machine: str, home: Path) -> dict[str, str]:
        user = server_user()
        return {
            "PRIMARY_PORT": str(self.port(f"{machine} primary")),
            "PGBOUNCER_PORT": str(self.port(f"{machine} pgbouncer")),
            "PGBOUNCER_USERS": str(self.files(machine) / "pgbouncer" / "userlist.txt"),
            "PGBOUNCER_PID": str(home / "pgbouncer.pid"),
            "HAPROXY_USER": user.pw_name, "HAPROXY_GROUP": grp.getgrgid(user.pw_gid).gr_name,
            "PEOPLE_BIND": f"{HOST}:{self.port(f'{machine} people')} ssl crt {self.certificate}",
            "WEB_PORT": str(self.port(f"{machine} web")), "DATA_DIR": str(self.shared),
            "WEB1": f"{HOST}:{self.port('app1 web')}", "WEB2": f"{HOST}:{self.port('app2 web')}",
            "DB1": f"{HOST}:{self.port('db1 postgresql')}",
            "DB2": f"{HOST}:{self.port('db2 postgresql')}",
            "DB1_PATRONI_PORT": str(self.port("db1 patroni")),
            "DB2_PATRONI_PORT": str(self.port("db2 patroni")),
            "BASE_URL": self.base_url(), "SMTP_URL": f"smtp://{HOST}:{self.port('mail')}",
            "MAIL_FROM": "Countersign <countersign@cluster.example>", "TIMEZONE": "Europe/Moscow",
        }

    def make(self) -> None:
        """Make folders and files; what the servers need is theirs."""
        self.shared.mkdir(mode=0o750)
        make_certificate(self.certificate)
        give_to_server_user(self.certificate)
        for machine in (*DATABASES, *APPS):
            self.home(machine).mkdir(mode=0o700)
            told = self.home(machine) / "variables"
            told.write_text("".join(f"{name}={value}\n" for name, value in
                                    self.variables(machine).items()), encoding="utf-8")
            subprocess.run([sys.executable, "-I", str(ROOT / "deploy" / "render.py"), str(told),
                            str(self.files(machine))], check=True)
            give_to_server_user(self.home(machine))


def new_folder() -> Path:
    """A folder for one cluster that the servers' user may pass through."""
    folder = Path(tempfile.mkdtemp(prefix="countersign-cluster-"))
    folder.chmod(0o755)
    return folder

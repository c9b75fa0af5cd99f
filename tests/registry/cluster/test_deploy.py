"""deploy/ is whole: every template can be filled, every file is named where it goes."""

import re
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

import pytest

from registry.cluster.places import Places
from registry.config import Settings
from tests.ground.parts import ROOT

DEPLOY = ROOT / "deploy"
TEMPLATES = sorted(DEPLOY.rglob("*.in"))
UNITS = sorted(DEPLOY.glob("systemd/*.service"))
OTHERS = (DEPLOY / "sbin" / "countersign", DEPLOY / "systemd/pgbouncer.service.d/restart.conf")


def render(variables: Path, into: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-I", DEPLOY / "render.py", variables, into], text=True,
                          capture_output=True)


def variables() -> dict[str, str]:
    lines = (DEPLOY / "variables.example").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def settings_as_sh_reads_them(path: Path) -> dict[str, str]:
    """What a shell has in its environment after reading the file: nothing but the file's own."""
    told = subprocess.run(["/bin/sh", "-euc", "set -a; . \"$1\"; exec env -0", "sh", path], env={},
                          text=True, capture_output=True, check=True).stdout
    pairs = dict(each.split("=", 1) for each in told.split("\0") if each)
    return {name: value for name, value in pairs.items() if name.startswith("COUNTERSIGN_")}


def test_the_example_fills_every_template(tmp_path: Path):
    assert render(DEPLOY / "variables.example", tmp_path).returncode == 0
    made = {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()}
    assert made == {path.relative_to(DEPLOY).as_posix()[:-3] for path in TEMPLATES}
    assert all(path.stat().st_mode & 0o077 == 0 for path in tmp_path.rglob("*") if path.is_file())


def test_a_variable_that_is_not_given_is_named_and_nothing_is_written(tmp_path: Path):
    told = tmp_path / "variables"
    told.write_text("NODE=db1\n")
    done = render(told, tmp_path / "made")
    assert done.returncode == 1
    assert re.search(r"the variable [A-Z0-9_]+ is not given", done.stderr)
    assert not (tmp_path / "made").exists()


def test_a_value_with_a_quote_is_refused_by_its_name(tmp_path: Path):
    told = tmp_path / "variables"
    told.write_text((DEPLOY / "variables.example").read_text().replace("Countersign <", "O'Hara <"))
    done = render(told, tmp_path / "made")
    assert (done.returncode, done.stderr) == (1, f"{told}: the variable MAIL_FROM holds a quote\n")
    assert not (tmp_path / "made").exists()


def test_a_password_of_digits_stays_one(tmp_path: Path):
    told = tmp_path / "variables"
    told.write_text((DEPLOY / "variables.example").read_text()
                    .replace("choose-one", "0123456").replace("choose-another", "1e5"))
    assert render(told, tmp_path / "made").returncode == 0
    words = (tmp_path / "made" / "patroni" / "patroni.yml").read_text(encoding="utf-8").splitlines()
    passwords = [line.strip() for line in words if "password:" in line]
    assert passwords == ["password: '0123456'", "password: '1e5'", "password: '1e5'"]


def test_the_example_names_what_the_templates_ask_for_and_no_more(tmp_path: Path):
    asked = {name for path in TEMPLATES
             for name in re.findall(r"\$\{(\w+)\}", path.read_text(encoding="utf-8"))}
    assert set(variables()) == asked
    assert set(Places(tmp_path).variables("app1")) == asked


def test_the_settings_of_the_example_can_be_used(tmp_path: Path):
    render(DEPLOY / "variables.example", tmp_path)
    given = settings_as_sh_reads_them(tmp_path / "countersign.env")
    settings = Settings.from_environment(given | {"COUNTERSIGN_DATA_DIR": str(tmp_path / "data")})
    assert settings.pooler
    assert settings.proxies == 1
    assert settings.base_url.startswith("https:")


@pytest.mark.parametrize("unit", UNITS, ids=lambda path: path.name)
def test_the_product_runs_with_little_power(unit: Path):
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read(unit, encoding="utf-8")
    service = parser["Service"]
    assert service["User"] == "countersign"
    assert service["Restart"] == "always"
    assert service["ProtectSystem"] == "strict"
    assert service["ReadWritePaths"] == "/var/lib/countersign"
    for name in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome"):
        assert service[name] == "yes"
    assert service["CapabilityBoundingSet"] == ""


def run_as_root_would(command: list[str], tmp_path: Path) -> list[str]:
    """What the command of deploy/sbin comes to: the program's arguments and two of its settings.

    ``setpriv`` is ours here, for another user can be become by root alone.
    """
    assert render(DEPLOY / "variables.example", tmp_path / "made").returncode == 0
    text = (DEPLOY / "sbin" / "countersign").read_text(encoding="utf-8")
    script = tmp_path / "countersign"
    script.write_text(text.replace("/etc/countersign/", f"{tmp_path}/made/"))
    setpriv = tmp_path / "setpriv"
    setpriv.write_text('#!/bin/sh\nprintf "%s\\n" "$@" "$HOME" "$COUNTERSIGN_DATABASE_URL" '
                       '"$COUNTERSIGN_MAIL_FROM"\n')
    setpriv.chmod(0o755)
    done = subprocess.run(["/bin/sh", script, *command], text=True, capture_output=True, check=True,
                          env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": "/nowhere"})
    return done.stdout.splitlines()


@pytest.mark.parametrize(("command", "port"), [
    (["doctor", "--connect"], "6432"), (["verify"], "6432"),
    (["backup", "/a file"], "5000"), (["restore", "/a file", "--over"], "5000")])
def test_commands_have_the_services_settings_and_user(
        command: list[str], port: str, tmp_path: Path):
    told = run_as_root_would(command, tmp_path)
    given = variables()
    assert told == [
        "--reuid=countersign", "--regid=countersign", "--init-groups", "--no-new-privs",
        "/opt/countersign/countersign", *command, given["DATA_DIR"],
        "postgresql+psycopg://countersign:choose-a-third@127.0.0.1:" + port + "/countersign",
        given["MAIL_FROM"]]


def test_a_leader_that_was_cut_off_cannot_take_its_place_back(tmp_path: Path):
    """Seen on clean machines: by etcd's API v3 Patroni 3.0.2 overwrites the new leader's key when
    the network is back, and acts are lost; by v2 it compares. Decision 97."""
    assert render(DEPLOY / "variables.example", tmp_path).returncode == 0
    patroni = (tmp_path / "patroni" / "patroni.yml").read_text(encoding="utf-8").splitlines()
    assert "etcd:" in patroni
    assert "etcd3:" not in patroni
    etcd = (tmp_path / "etcd" / "etcd").read_text(encoding="utf-8").splitlines()
    assert "ETCD_ENABLE_V2=true" in etcd


def test_what_debian_lets_lie_is_started_again():
    text = (DEPLOY / "systemd/pgbouncer.service.d/restart.conf").read_text(encoding="utf-8")
    assert {"Restart=always", "StartLimitIntervalSec=0"} <= set(text.splitlines())


def test_the_readme_asks_a_clean_machine_for_nothing_that_it_lacks():
    text = (DEPLOY / "README.md").read_text(encoding="utf-8")
    assert not re.search(r"\bsudo ", text), "Debian installs it only where root has no password"
    for package, first_use in (
            ("python3", "python3 deploy/render.py"), ("etcd-client", "etcdctl"),
            ("patroni", "patronictl"), ("postgresql-client-15", "countersign backup")):
        assert text.index(package) < text.index(first_use), first_use


def test_the_readme_gives_the_user_one_number_on_both_machines():
    text = (DEPLOY / "README.md").read_text(encoding="utf-8")
    assert re.search(r"adduser [^\n]*--uid \d+", text)
    assert "--endpoints=" in text, "etcd listens at the machine's address, not at loopback"


def test_the_readme_says_where_each_file_goes():
    text = (DEPLOY / "README.md").read_text(encoding="utf-8")
    for path in (*TEMPLATES, *UNITS, *OTHERS):
        name = path.relative_to(DEPLOY).as_posix().removesuffix(".in")
        assert name in text, name

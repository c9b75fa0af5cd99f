"""The cluster's command and its parts: it ends in time, and nothing of it outlives it."""

import shutil
import smtplib
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from registry.cluster import commands
from registry.cluster.mailbox import a_mailbox
from registry.cluster.packages import missing_packages
from registry.cluster.places import new_folder
from registry.servers.ports import HOST, free_port, is_listening
from registry.servers.processes import NotUp, kill_all, wait_for
from tests.ground.processes import is_there


def test_the_mailbox_takes_mails_as_they_are():
    port = free_port()
    with a_mailbox(HOST, port) as mailbox:
        with smtplib.SMTP(HOST, port, timeout=5) as server:
            server.sendmail("a@example.org", ["b@example.org", "c@example.org"],
                            "Subject: Report\r\nMessage-ID: <1@x>\r\n\r\n.\r\nline\r\n")
        assert [mail.recipient for mail in mailbox.taken] == ["b@example.org", "c@example.org"]
        assert mailbox.taken[0].subject == "Report"
        assert mailbox.taken[0].message_id == "<1@x>"
        assert mailbox.taken[0].content.endswith(b"\r\n.\r\nline\r\n")


def test_time_that_is_over_ends_the_block():
    begin = time.monotonic()
    with pytest.raises(NotUp, match="the time is over"), commands.ended_after(0.2):
        time.sleep(20)
    assert time.monotonic() - begin < 10
    assert threading.current_thread() is threading.main_thread()


def test_a_machine_without_the_servers_is_told_what_to_install(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(commands, "missing_packages", lambda: ["patroni", "haproxy"])
    done = CliRunner().invoke(commands.cluster_test_command)
    assert done.exit_code == 1
    assert "apt-get install --no-install-recommends patroni haproxy" in done.output


@pytest.fixture
def cluster_folder() -> Iterator[Path]:
    """A folder for real servers of the cluster."""
    if missing_packages():
        pytest.fail(f"not here: {' '.join(missing_packages())}", pytrace=False)
    folder = new_folder()
    yield folder
    shutil.rmtree(folder)


def test_a_balancer_ends_when_we_are_killed_though_it_gives_up_its_rights(cluster_folder: Path):
    code = ("import sys, time; from pathlib import Path; "
            "from registry.cluster.machines import Cluster; "
            "from registry.cluster.places import Places; "
            "places = Places(Path(sys.argv[1])); "
            "places.make(); "
            "part = Cluster(places).start_balancer('app1'); "
            "print(part.pid, places.port('app1 people'), flush=True); time.sleep(60)")
    parent = subprocess.Popen([sys.executable, "-c", code, str(cluster_folder)], text=True,
                              stdout=subprocess.PIPE)
    assert parent.stdout is not None
    pid, port = map(int, parent.stdout.readline().split())
    wait_for("the balancer", lambda: is_listening(port), 20)
    parent.kill()
    parent.communicate()
    try:
        wait_for("its end", lambda: not is_there(pid), 10)
    finally:
        kill_all([pid])

"""Where nothing may be sent: each trick by which a URL or a name leads inside."""

import socket
from pathlib import Path

import pytest

from registry.config import SettingError, Settings
from registry.webhooks import addresses
from registry.webhooks.addresses import NotAllowed, addresses_of, fault_of, is_allowed, target_of


def settings(*hosts: str, private: bool = False) -> Settings:
    return Settings(database_url="sqlite:///x", data_dir=Path("x"), secret_key="s",
                    webhook_hosts=hosts, webhook_private=private)


def refused(url: str, *hosts: str, private: bool = False) -> str | None:
    fault = fault_of(url, settings(*(hosts or ("hooks.example.org",)), private=private))
    return fault.code if fault else None


def resolves_to(monkeypatch: pytest.MonkeyPatch, *found: str) -> list[str]:
    """Let every name lead there; gives the names that were asked for."""
    asked: list[str] = []

    def getaddrinfo(host, port, **_rest):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (each, port)) for each in found]

    monkeypatch.setattr(addresses.socket, "getaddrinfo", getaddrinfo)
    return asked


def test_a_host_that_was_named_is_allowed():
    assert refused("https://hooks.example.org/a?b=c") is None
    assert refused("https://HOOKS.example.org/") is None
    assert refused("https://crm.lan:8443/x", "crm.lan:8443") is None


@pytest.mark.parametrize("url", [
    "https://example.org/", "https://evil.hooks.example.org/", "https://hooks.example.org.evil.com/",
    "https://hooks.example.org:8443/", "https://127.0.0.1/", "https://2130706433/",
    "https://0x7f.1/", "https://localhost/", "https://169.254.169.254/latest/meta-data",
])
def test_any_other_host_or_port_is_refused(url: str):
    assert refused(url) == "host_not_allowed"


def test_where_no_host_is_named_nothing_is_allowed():
    assert fault_of("https://hooks.example.org/", settings()).code == "host_not_allowed"


@pytest.mark.parametrize("url", [
    "https://hooks.example.org@evil.com/", "https://evil.com@hooks.example.org/",
    "https://user:secret@hooks.example.org/", "https://hooks.example.org\\@evil.com/",
    "https://evil.com\\.hooks.example.org/", "https://hooks.example.org/#@evil.com",
    "https://hooks.example.org/\r\nX: y", "https://hooks.example.org/a b", " https://hooks.example.org/",
    "https://hooks.example.org\t/", "https://hooks.еxample.org/", "https://hooks.example.org./",
    "https://hooks%2eexample.org/", "https://[::1]/", "https:///x", "https://hooks.example.org:0/",
    "https://hooks.example.org:99999/", "https://hooks.example.org:x/", "ftp://hooks.example.org/",
    "file:///etc/passwd", "gopher://hooks.example.org/", "hooks.example.org", "",
    "https://hooks.example.org/" + "a" * 500,
])
def test_what_is_no_plain_address_of_the_web_is_refused(url: str):
    assert refused(url) == "url_wrong"


def test_plain_http_needs_the_setting():
    assert refused("http://hooks.example.org/") == "url_not_https"
    assert refused("http://hooks.example.org/", "hooks.example.org", private=True) is None


INSIDE = ["127.0.0.1", "127.8.8.8", "::1", "10.0.0.1", "172.16.5.4", "192.168.1.1", "fd00::1"]
NEVER = ["0.0.0.0", "::", "169.254.169.254", "fe80::1", "fe80::1%eth0", "224.0.0.1", "ff02::1",
         "240.0.0.1", "255.255.255.255", "fec0::1", "100.64.0.1", "192.0.2.1", "2001:db8::1",
         "2001:0:4136:e378:8000:63bf:3fff:fdd2", "64:ff9b:1::7f00:1", "::ffff:169.254.169.254",
         "64:ff9b::a9fe:a9fe", "::ffff:0.0.0.0", "::127.0.0.1.1", "nonsense", ""]
WRAPPED = ["::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a00:1",
           "2002:7f00:1::1", "2002:a00:1::1", "::7f00:1"]


@pytest.mark.parametrize("address", [*INSIDE, *NEVER, *WRAPPED])
def test_an_address_inside_is_refused(address: str):
    assert not is_allowed(address, private=False)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34",
                                     "64:ff9b::5db8:d822"])
def test_an_address_of_the_open_internet_is_allowed(address: str):
    assert is_allowed(address, private=False)


def test_the_setting_opens_what_is_inside_and_nothing_more():
    assert all(is_allowed(each, private=True) for each in INSIDE)
    assert [each for each in NEVER if is_allowed(each, private=True)
            and each not in ("192.0.2.1", "2001:db8::1")] == []


def test_a_named_host_that_leads_inside_is_refused(monkeypatch: pytest.MonkeyPatch):
    resolves_to(monkeypatch, "10.0.0.5")
    with pytest.raises(NotAllowed):
        addresses_of(target_of("https://hooks.example.org/"), settings("hooks.example.org"), 1)


def test_one_bad_address_among_good_ones_is_enough(monkeypatch: pytest.MonkeyPatch):
    resolves_to(monkeypatch, "93.184.216.34", "127.0.0.1")
    with pytest.raises(NotAllowed):
        addresses_of(target_of("https://hooks.example.org/"), settings("hooks.example.org"), 1)


def test_the_name_is_asked_for_once(monkeypatch: pytest.MonkeyPatch):
    asked = resolves_to(monkeypatch, "93.184.216.34")
    found = addresses_of(target_of("https://hooks.example.org/"), settings("hooks.example.org"), 1)
    assert (found, asked) == (["93.184.216.34"], ["hooks.example.org"])


@pytest.mark.parametrize("hosts", ["http://x", "a b", "*.example.org", "user@x", "x:y", "x/y"])
def test_a_list_of_hosts_that_is_none_stops_the_start(hosts: str):
    with pytest.raises(SettingError, match="COUNTERSIGN_WEBHOOK_HOSTS"):
        settings(hosts).check()

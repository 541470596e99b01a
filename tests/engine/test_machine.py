"""What Linux's /proc says of ports and routes, read from one that is written here."""

from __future__ import annotations

import os
from types import SimpleNamespace

import pytest

from composecheck.engine.moby import machine
from composecheck.engine.moby.survey import is_local
from composecheck.snapshot import Listener, Route

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
TAIL = "00000000:00000000 00:00000000 00000000     0        0"


def socket_line(address, state, inode):
    return f"   0: {address} 00000000:0000 {state} {TAIL} {inode} 1 0 100 0 0 10 0\n"


@pytest.fixture
def proc(tmp_path):
    net = tmp_path / "net"
    net.mkdir()
    (net / "tcp").write_text(
        HEAD
        + socket_line("0100007F:1F90", "0A", 11)  # 127.0.0.1:8080
        + socket_line("00000000:1F91", "0A", 12)
        + socket_line("0100007F:1F90", "01", 13)  # a connection
    )
    (net / "tcp6").write_text(HEAD + socket_line(f"{'0' * 24}01000000:1F90", "0A", 14))  # [::1]:8080
    (net / "udp").write_text(HEAD + socket_line("00000000:0035", "07", 15))
    (net / "route").write_text(
        "Iface\tDestination\tGateway\tFlags\tRefCnt\tUse\tMetric\tMask\tMTU\tWindow\tIRTT\n"
        "eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0\n"
        "docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
        "tun0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n"
        "tun1\t0000010B\t00000000\t0000\t0\t0\t0\t0000FFFF\t0\t0\t0\n"
    )
    zero = "0" * 32
    (net / "ipv6_route").write_text(
        "".join(
            f"{destination} {size} {zero} 00 {zero} 00000100 00000001 00000000 {flags} {interface}\n"
            for destination, size, flags, interface in (
                ("fd000001" + "0" * 24, "20", "00000001", "tun0"),
                ("fe80" + "0" * 28, "40", "00000001", "eth0"),
                ("ff00" + "0" * 28, "08", "00000001", "eth0"),
                ("0" * 31 + "1", "80", "80200001", "lo"),
            )
        )
    )
    for pid, name, inode, group in (
        ("7", "nginx", 11, "0::/init.scope"),
        ("8", "x", 12, f"0::/docker/{'ab' * 32}"),
    ):
        (tmp_path / pid / "fd").mkdir(parents=True)
        (tmp_path / pid / "fd" / "3").symlink_to(f"socket:[{inode}]")
        (tmp_path / pid / "comm").write_text(f"{name}\n")
        (tmp_path / pid / "cgroup").write_text(f"{group}\n")
    return tmp_path


def test_sockets_that_have_a_wanted_port(proc):
    assert machine.bound({8080, 53}.__contains__, proc) == [
        ("tcp", "127.0.0.1", 8080, "11"),
        ("tcp", "::1", 8080, "14"),
        ("udp", "0.0.0.0", 53, "15"),  # noqa: S104 - as it is written
    ]


def test_sockets_belong_to_processes_containers_or_to_nobody_known(proc):
    found = machine.bound({8080, 8081}.__contains__, proc)
    assert list(machine.listeners(found, {"ab" * 32: "shop-api-1"}, proc)) == [
        Listener(8080, "127.0.0.1", "tcp", "process 'nginx' (pid 7)"),
        Listener(8081, "0.0.0.0", "tcp", "a process of container 'shop-api-1'"),  # noqa: S104 - as above
        Listener(8080, "::1", "tcp", "another process"),
    ]


def test_routes_other_than_by_the_engines_bridges(proc):
    assert list(machine.routes({"docker0"}, proc)) == [
        Route("0.0.0.0/0", "eth0"),
        Route("10.0.0.0/8", "tun0"),
        Route("fd00:1::/32", "tun0"),
    ]


def test_machine_without_any_of_it_has_nothing(tmp_path):
    assert machine.bound(lambda _: True, tmp_path) == []
    assert list(machine.routes((), tmp_path)) == []
    assert machine.free_bytes(str(tmp_path / "none")) is None
    assert machine.free_bytes(str(tmp_path)) > 0


@pytest.mark.parametrize(
    ("url", "name", "answer"),
    [
        ("unix:///var/run/docker.sock", "here", True),
        ("unix:///home/u/.docker/desktop/docker.sock", "docker-desktop", False),
        ("tcp://10.0.0.1:2376", "here", False),
        ("ssh://somewhere", "here", False),
    ],
)
def test_engine_is_this_machines_own_where_it_has_its_name(monkeypatch, url, name, answer):
    monkeypatch.setattr(os, "uname", lambda: SimpleNamespace(sysname="Linux", nodename="here"))
    assert is_local(url, {"Name": name}) == answer

"""What an address may lead to: never into the host's own network, and not for ever."""

import ipaddress
import socket
import threading
import time

import pytest

from mentorship.domain.sources.web import fetch as fetching
from mentorship.domain.sources.web.fetch import fetch
from mentorship.domain.sources.web.network import check_url, is_inside, target_of
from mentorship.domain.sources.web.trouble import SourceTrouble
from tests.certificates import make_certificate, server_context

pytestmark = pytest.mark.integration


def refusal(url, **more):
    with pytest.raises(SourceTrouble) as caught:
        fetch(url, **more)
    return str(caught.value)


@pytest.mark.parametrize(
    "machine",
    [
        "127.0.0.1", "10.1.2.3", "172.20.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1",
        "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:7f00:1::", "ff02::1",
        "2001:0:53aa:64c:0:7b4a:f5ff:fffe", "fec0::1", "::7f00:1", "64:ff9b:1::a00:1",
        "::ffff:0:a00:1",
    ],
)  # fmt: skip
def test_machines_of_private_networks_are_inside(machine):
    assert is_inside(machine)


@pytest.mark.parametrize("machine", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"])
def test_machines_of_the_internet_are_not(machine):
    assert not is_inside(machine)


@pytest.mark.parametrize(
    "url",
    [
        "https://127.0.0.1/a.csv", "https://localhost/a.csv", "https://[::1]/", "https://10.0.0.8/",
        "https://2130706433/", "https://0x7f.1/", "https://169.254.169.254/latest/meta-data/",
        "https://127.0.0.1.:443/",
    ],
)  # fmt: skip
def test_an_address_inside_is_refused(url):
    assert "private network" in refusal(url) or "There is no" in refusal(url)


@pytest.mark.parametrize(
    "url",
    ["http://a.example/", "ftp://a.example/a.csv", "file:///etc/passwd", "gopher://a/", "//a/b",
     "https://", "https://u:p@a.example/", "https://a.example:x/", "https://a b/", "javascript:1",
     "https://a.example/\r\nHost: b"],
)  # fmt: skip
def test_only_a_plain_https_address_is_one(url):
    with pytest.raises(SourceTrouble):
        check_url(url)


def test_what_the_host_allows_may_be_inside_and_plain(web, settings):
    url = web.serve("/a.csv", "a,b")
    assert fetch(url).body == b"a,b"

    settings.SOURCE_HOSTS = []
    assert "does not start with https://" in refusal(url)


def test_a_redirect_is_checked_again(web):
    url = web.serve("/a", "", 302, Location="http://127.0.0.2:1/b")
    assert "does not start with https://" in refusal(url)
    url = web.serve("/a", "", 307, Location="https://localhost/b")
    assert "private network" in refusal(url)
    web.serve("/a", "", 301, Location="/b")
    web.serve("/b", "at last")
    assert fetch(url).body == b"at last"
    web.serve("/b", "", 302, Location="/a")
    assert "without an end" in refusal(url)
    web.serve("/b", "", 302, Location="file:///etc/passwd")
    assert "not the address" in refusal(url)


def test_a_token_does_not_go_along_to_another_host(web, settings):
    settings.SOURCE_HOSTS = [f"127.0.0.1:{web.port}", f"localhost:{web.port}"]
    web.serve("/a", "", 302, Location=f"http://localhost:{web.port}/b")
    web.serve("/b", "x")

    fetch(web.url + "/a", headers={"Authorization": "Token secret"})
    assert [asked.headers.get("Authorization") for asked in web.asked] == ["Token secret", None]
    assert web.asked[1].headers["Host"] == f"localhost:{web.port}"


def test_a_name_that_resolves_otherwise_the_second_time_gains_nothing(web, settings, monkeypatch):
    """The machine that was checked is the one that is asked: it is resolved once."""
    settings.SOURCE_HOSTS = [f"rebound.example:{web.port}"]
    web.serve("/a", "x")
    answers = iter(["127.0.0.1", "10.0.0.1"])
    asked = []

    def resolve(host, port, *args, **more):
        asked.append(host)
        machine = next(answers) if host == "rebound.example" else host
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (machine, port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    target = target_of(f"http://rebound.example:{web.port}/a")
    assert target.machines == ("127.0.0.1",)
    answers = iter(["127.0.0.1", "10.0.0.1"])
    assert fetch(f"http://rebound.example:{web.port}/a").body == b"x"
    assert asked == ["rebound.example", "rebound.example", "127.0.0.1"]


def test_one_machine_inside_among_several_is_enough_to_refuse(monkeypatch):
    def resolve(host, port, *args, **more):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (machine, port))
            for machine in ("8.8.8.8", "10.0.0.1")
        ]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    assert "private network" in refusal("https://both.example/a")


def test_too_much_is_refused_before_all_of_it_has_come(web, monkeypatch):
    monkeypatch.setattr(fetching, "BYTES_AT_MOST", 1024 * 1024)
    sent = []

    def endless(handler):
        handler.send_response(200)
        handler.end_headers()
        try:
            while True:
                handler.wfile.write(b"x" * 65536)
                sent.append(65536)
        except OSError:
            handler.close_connection = True

    web.pages["/a"] = endless
    assert "more than 1 MB" in refusal(web.url + "/a")
    assert sum(sent) < 20 * 1024 * 1024


@pytest.mark.slow
@pytest.mark.parametrize("where", ["headers", "body"])
def test_who_sends_a_byte_now_and_then_is_hung_up_on(web, where):
    over = threading.Event()

    def drip(handler):
        if where == "body":
            handler.send_response(200)
            handler.send_header("Content-Length", "100000")
            handler.end_headers()
        else:
            handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: ")
        try:
            while not over.wait(0.02):
                handler.wfile.write(b"x")
                handler.wfile.flush()
        except OSError:
            over.set()
        handler.close_connection = True

    web.pages["/a"] = drip
    began = time.monotonic()
    assert "takes too long" in refusal(web.url + "/a", seconds=0.5)
    assert time.monotonic() - began < 10
    assert over.wait(10)


def test_half_an_answer_is_none(web):
    def half(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", "1000")
        handler.end_headers()
        handler.wfile.write(b"Name,Email\n")
        handler.close_connection = True

    web.pages["/a"] = half
    assert "breaks off" in refusal(web.url + "/a")


def test_something_compressed_is_not_unpacked(web):
    url = web.serve("/a", b"\x1f\x8b", Content_Encoding="gzip")
    assert "compressed" in refusal(url)


def test_nobody_there(settings):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    settings.SOURCE_HOSTS = [f"127.0.0.1:{port}"]
    assert refusal(f"http://127.0.0.1:{port}/") == "127.0.0.1 does not answer."


@pytest.fixture
def certified(web, tmp_path, monkeypatch):
    """Have the server speak TLS, with a certificate for shop.example that is trusted."""
    files = make_certificate(tmp_path, "shop.example")
    context = server_context(files)
    web.server.socket = context.wrap_socket(web.server.socket, server_side=True)
    real = socket.getaddrinfo

    def resolve(host, port, *args, **more):
        here = host.endswith(".example")
        return real("127.0.0.1" if here else host, port, *args, **more)

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    fetching._certificates.cache_clear()
    yield files[0]
    fetching._certificates.cache_clear()


def test_a_certificate_is_checked_for_the_name_that_was_typed(
    web, settings, certified, monkeypatch
):
    settings.SOURCE_HOSTS = [f"shop.example:{web.port}", f"other.example:{web.port}"]
    web.serve("/a", "x")
    assert "certificate of shop.example" in refusal(f"https://shop.example:{web.port}/a")

    monkeypatch.setenv("SSL_CERT_FILE", str(certified))
    fetching._certificates.cache_clear()
    assert fetch(f"https://shop.example:{web.port}/a").body == b"x"
    assert "certificate of other.example" in refusal(f"https://other.example:{web.port}/a")
    assert ipaddress.ip_address(web.server.server_address[0]).is_loopback

# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is given up sends nothing any more, and its connection is closed. Over real sockets."""

from __future__ import annotations

import signal
import socket
import threading
import time
import typing as t

import pytest
import requests

from ansible_collections.twilio.proxy.plugins.module_utils import _deadline
from ansible_collections.twilio.proxy.plugins.module_utils._deadline import Adapter, Deadline, _Attempt, _Connection
from ansible_collections.twilio.proxy.tests.support.between import proxy

SHORT, LONG = 0.1, 20.0  # seconds
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Server(t.NamedTuple):
    """One that answers whatever it hears, and notes it; ``left`` is when a client has hung up."""

    url: str
    heard: list[bytes]
    asked: threading.Event
    left: threading.Event


def serving(answer: bytes) -> t.Iterator[Server]:
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(f"http://127.0.0.1:{listener.getsockname()[1]}/", [], threading.Event(), threading.Event())

    def serve() -> None:
        while True:
            try:
                connection, _address = listener.accept()
            except OSError:  # the test is over
                return
            with connection:
                while heard := connection.recv(65536):
                    server.heard.append(heard)
                    connection.sendall(answer)
                    server.asked.set()
            server.left.set()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    yield server
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


@pytest.fixture
def silent() -> t.Iterator[Server]:
    yield from serving(ANSWER[:-1])


@pytest.fixture
def good() -> t.Iterator[Server]:
    yield from serving(ANSWER)


@pytest.fixture
def session() -> t.Iterator[requests.Session]:
    with requests.Session() as made:
        made.mount("http://", Adapter())
        made.trust_env = False
        yield made


def test_what_is_in_time_comes_back(good: Server, session: requests.Session) -> None:
    assert Deadline().within(LONG, lambda: session.get(good.url).content) == b"{}"
    assert Deadline().within(LONG, lambda: session.get(good.url).content) == b"{}"
    assert len(good.heard) == 2
    assert not good.left.is_set()  # one connection did for both


def test_what_is_raised_comes_back() -> None:
    with pytest.raises(ZeroDivisionError):
        Deadline().within(LONG, lambda: 1 // 0)


def test_one_thread_makes_all_calls_and_ends_with_who_waits() -> None:
    deadline = Deadline()
    thread = deadline.within(LONG, threading.current_thread)
    assert thread is not threading.current_thread()
    assert deadline.within(LONG, threading.current_thread) is thread
    forever = threading.Event()
    with pytest.raises(requests.ConnectTimeout):
        deadline.within(SHORT, forever.wait)
    other = deadline.within(LONG, threading.current_thread)
    assert other is not thread
    assert thread.is_alive()
    forever.set()
    thread.join(LONG)
    assert not thread.is_alive()
    del deadline
    other.join(LONG)
    assert not other.is_alive()


def test_an_answer_that_takes_too_long_is_hung_up_on(silent: Server, session: requests.Session) -> None:
    ended = threading.Event()

    def ask() -> None:
        try:
            session.get(silent.url)
        finally:
            ended.set()

    with pytest.raises(requests.Timeout) as caught:
        Deadline().within(SHORT, ask)
    assert not isinstance(caught.value, requests.ConnectTimeout)
    assert silent.left.wait(LONG)
    assert ended.wait(LONG)
    assert len(silent.heard) == 1


class Interrupt(BaseException):
    """As Ansible's own, which ends a task that takes too long."""


@pytest.fixture
def alarmed() -> t.Iterator[None]:
    """A signal that is told interrupts what the main thread does."""

    def interrupt(*_signal: object) -> t.NoReturn:
        raise Interrupt

    before = signal.signal(signal.SIGALRM, interrupt)
    yield
    signal.signal(signal.SIGALRM, before)


def tell_another_thread() -> None:
    """The signal, to a thread that is not the main one; the system may tell any."""
    signal.pthread_kill(threading.get_ident(), signal.SIGALRM)


@pytest.mark.usefixtures("alarmed")
def test_a_task_that_is_interrupted_hangs_up(silent: Server, session: requests.Session) -> None:
    def end_the_task() -> None:
        assert silent.asked.wait(LONG)
        tell_another_thread()

    start = time.monotonic()
    threading.Thread(target=end_the_task).start()
    with pytest.raises(Interrupt):
        Deadline().within(LONG, lambda: session.get(silent.url))
    assert time.monotonic() - start < LONG
    assert silent.left.wait(LONG)


def test_an_interrupt_gives_up_what_was_not_sent_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    asked, goes_on = threading.Event(), threading.Event()

    def interrupt(*_waiting: object) -> t.NoReturn:
        assert asked.wait(LONG)
        raise Interrupt

    def ask() -> None:
        asked.set()
        goes_on.wait(LONG)

    monkeypatch.setattr(_deadline, "_first", interrupt)
    with pytest.raises(Interrupt):
        Deadline().within(LONG, ask)
    goes_on.set()


@pytest.mark.usefixtures("alarmed")
def test_a_wait_can_be_interrupted() -> None:
    start = time.monotonic()
    threading.Timer(SHORT, tell_another_thread).start()
    with pytest.raises(Interrupt):
        Deadline().sleep(LONG)
    assert time.monotonic() - start < LONG


def test_a_wait_is_as_long_as_it_is_to_be_unless_it_is_stopped() -> None:
    deadline, start = Deadline(), time.monotonic()
    deadline.sleep(3 * SHORT)
    assert time.monotonic() - start >= 3 * SHORT
    threading.Timer(SHORT, deadline.stop).start()
    deadline.sleep(LONG)
    assert time.monotonic() - start < LONG


def test_what_is_stopped_from_elsewhere_ends_at_once(silent: Server, session: requests.Session) -> None:
    deadline = Deadline()
    deadline.stop()
    with pytest.raises(requests.ConnectionError):
        deadline.within(LONG, lambda: session.get(silent.url))
    assert silent.heard == []
    deadline, failed = Deadline(), threading.Event()

    def ask() -> None:
        with pytest.raises(requests.ConnectionError):
            deadline.within(LONG, lambda: session.get(silent.url))
        failed.set()

    threading.Thread(target=ask).start()
    assert silent.asked.wait(LONG)
    deadline.stop()
    assert failed.wait(LONG)
    assert silent.left.wait(LONG)


def test_what_is_given_up_before_it_is_sent_never_is(
    good: Server, session: requests.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve, named, ended = socket.getaddrinfo, threading.Event(), threading.Event()

    def slowly(*args: t.Any, **options: t.Any) -> t.Any:
        assert named.wait(LONG)
        return resolve(*args, **options)

    def ask() -> None:
        try:
            session.post(good.url, data={"UniqueName": "rides"})
        finally:
            ended.set()

    monkeypatch.setattr(socket, "getaddrinfo", slowly)
    with pytest.raises(requests.ConnectTimeout):
        Deadline().within(SHORT, ask)
    named.set()
    assert ended.wait(LONG)
    assert good.left.wait(LONG)
    assert good.heard == []


def test_what_is_closed_already_can_be_given_up() -> None:
    attempt = _Attempt()
    with socket.socket() as closed:
        attempt.send(closed, lambda: None)
    assert attempt.give_up()


def test_a_proxy_on_the_way_makes_no_difference(silent: Server, session: requests.Session) -> None:
    with proxy() as front:
        session.proxies = {"https": f"http://127.0.0.1:{front.port}"}
        adapter = Adapter()
        session.mount("https://", adapter)
        # The server does not speak TLS: it is the greeting of TLS that it does not answer as it should.
        with pytest.raises(requests.exceptions.SSLError):
            Deadline().within(LONG, lambda: session.get(silent.url.replace("http:", "https:")))
        assert front.heads[0].startswith(b"CONNECT 127.0.0.1:")
        (manager,) = adapter.proxy_manager.values()
        assert adapter.proxy_manager_for(session.proxies["https"]) is manager
    kinds = [pool.ConnectionCls for pool in manager.pool_classes_by_scheme.values()]
    assert all(issubclass(kind, _Connection) for kind in kinds)

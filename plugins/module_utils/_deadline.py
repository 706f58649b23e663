# Copyright (c) 2026, The twilio.proxy Authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use this from other collections or standalone plugins/modules!

"""A limit for the time that a whole request takes, and what becomes of a request that nobody waits for any more.

The limits of requests are for connecting and for each wait for data. They do not bound an answer that comes in drops,
nor a name server that is silent. So the waiting is done elsewhere than the asking, and what is given up is stopped: it
sends nothing from then on, and its connection is closed.
"""

from __future__ import annotations

import contextlib
import functools
import http.client
import queue
import socket
import threading
import time
import typing as t
import weakref

from ansible_collections.twilio.proxy.plugins.module_utils._errors import REQUESTS_ERROR

if REQUESTS_ERROR is None:
    import requests

_T = t.TypeVar("_T")

#: Seconds after which whoever waits looks around. The system may have told a signal to another thread, and Python acts
#: on it in the main thread, once that one does anything at all.
AWAKE = 0.1


class _Attempt:
    """A request on its way, which who waits for it can give up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._given_up = False
        self._socket: socket.socket | None = None

    def send(self, through: socket.socket, write: t.Callable[[], None]) -> None:
        """Writes, unless the attempt was given up. Never both at the same time."""
        with self._lock:
            if self._given_up:
                raise ConnectionAbortedError
            self._socket = through
            write()

    def give_up(self) -> bool:
        """Lets nothing be sent from now on, and nobody wait for an answer. Returns whether anything was sent before."""
        # Before the lock, so that an interrupt in between changes nothing.
        self._given_up = True
        with self._lock:  # until what is being written is written
            pass
        if self._socket is None:
            return False
        with contextlib.suppress(OSError):  # it may be closed already
            self._socket.shutdown(socket.SHUT_RDWR)
        return True


class _Asking(threading.local):
    """The attempt that this thread is about."""

    attempt: _Attempt


_asking = _Asking()


class _Connection(http.client.HTTPConnection):
    """What makes an urllib3 connection one that can be given up."""

    def send(self, data: t.Any) -> None:
        if self.sock is None:
            self.connect()
        _asking.attempt.send(self.sock, functools.partial(super().send, data))


if REQUESTS_ERROR is None:

    class Adapter(requests.adapters.HTTPAdapter):
        """Connections that a Deadline can stop, also on the way through a proxy."""

        def init_poolmanager(self, *args: t.Any, **options: t.Any) -> None:
            super().init_poolmanager(*args, **options)
            _take_our_connections(self.poolmanager)

        def proxy_manager_for(self, *args: t.Any, **options: t.Any) -> t.Any:
            manager = super().proxy_manager_for(*args, **options)
            _take_our_connections(manager)
            return manager


def _take_our_connections(manager: t.Any) -> None:
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _with_our_connections(pool) for scheme, pool in pools.items()}


@functools.cache
def _with_our_connections(pool: type[t.Any]) -> type[t.Any]:
    if issubclass(pool.ConnectionCls, _Connection):
        return pool
    connection = type(pool.ConnectionCls.__name__, (_Connection, pool.ConnectionCls), {})
    return type(pool.__name__, (pool,), {"ConnectionCls": connection})


class Deadline:
    """Makes calls, one after the other, and waits for none of them longer than it may.

    The calls are made in a thread, the same for all until one is given up. That one is left behind with its thread,
    which ends as soon as the system lets go of it.
    """

    def __init__(self) -> None:
        self._stopped = threading.Event()
        self._calls: queue.SimpleQueue[t.Callable[[], None] | None] | None = None
        self._now: tuple[_Attempt, queue.SimpleQueue[tuple[t.Any, BaseException | None]]] | None = None

    def within(self, seconds: float, call: t.Callable[[], _T]) -> _T:
        """What the call returns or raises.

        Raises requests.Timeout if it takes longer, requests.ConnectTimeout if it had sent nothing by then, and
        requests.ConnectionError after stop().
        """
        attempt = _Attempt()
        results: queue.SimpleQueue[tuple[_T | None, BaseException | None]] = queue.SimpleQueue()
        self._now = attempt, results
        if self._stopped.is_set():
            raise requests.ConnectionError
        if self._calls is None:
            self._calls = queue.SimpleQueue()
            threading.Thread(target=_make, args=(self._calls,), daemon=True).start()
            weakref.finalize(self, self._calls.put, None)
        try:
            self._calls.put(functools.partial(_answer, attempt, call, results))
            result, error = _first(results, seconds)
        except BaseException as interrupt:  # also Ansible's own, which ends a task that takes too long
            sent = attempt.give_up()
            self._calls.put(None)
            self._calls = None
            if isinstance(interrupt, queue.Empty):
                raise (requests.Timeout if sent else requests.ConnectTimeout) from None
            raise
        if error is not None:
            raise error
        return t.cast(_T, result)

    def sleep(self, seconds: float) -> None:
        """Waits as long, or until stop()."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0:
            if self._stopped.wait(min(left, AWAKE)):
                return

    def stop(self) -> None:
        """Makes no further call. One that somebody waits for in another thread is given up, and raises at once."""
        self._stopped.set()
        if self._now is not None:
            attempt, results = self._now
            # First, as what is given up has an error of its own, which would be told otherwise.
            results.put((None, requests.ConnectionError()))
            attempt.give_up()


def _first(results: queue.SimpleQueue[_T], seconds: float) -> _T:
    """What comes first. Raises queue.Empty if nothing comes in time."""
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > AWAKE:
        with contextlib.suppress(queue.Empty):
            return results.get(timeout=AWAKE)
    return results.get(timeout=max(0.0, left))


def _make(calls: queue.SimpleQueue[t.Callable[[], None] | None]) -> None:
    while (call := calls.get()) is not None:
        call()
        # It holds on to who waits, who would otherwise never be gone.
        del call


def _answer(
    attempt: _Attempt,
    call: t.Callable[[], _T],
    results: queue.SimpleQueue[tuple[_T | None, BaseException | None]],
) -> None:
    _asking.attempt = attempt
    try:
        results.put((call(), None))
    except BaseException as error:  # noqa: BLE001  (raised again by who waits for it)
        results.put((None, error))

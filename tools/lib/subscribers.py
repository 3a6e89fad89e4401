"""Subscribers that do nothing but receive: a process of its own, which throws away what
arrives without looking at it, so that the server is what is measured."""
import multiprocessing
import select
import socket
import time

import servers

CHANNEL = "news"
PATIENCE_S = 30


class Subscribers:
    """So many subscribers of CHANNEL, each on a connection of its own, for use in a `with`
    statement. Nothing is counted before `with` is entered."""

    def __init__(self, server, count, text):
        self.server, self.count = server, count
        self.message_bytes = len(servers.encode("message", CHANNEL, text))
        self.pipe, self.process = None, None

    def __enter__(self):
        self.pipe, theirs = multiprocessing.Pipe()
        self.process = multiprocessing.Process(target=_receive, args=(self.server.port, self.count, theirs))
        self.process.start()
        theirs.close()
        self.pipe.recv()
        self._control("CONFIG", "RESETSTAT")
        return self

    def __exit__(self, *_):
        self.pipe.close()
        self.process.join()

    def _control(self, *command):
        client = self.server.client()
        reply = client.call(*command)
        client.close()
        return reply

    def wait(self):
        """Waits until everything that has been published since the beginning has arrived."""
        line = next(line for line in self._control("INFO", "commandstats").split(b"\r\n")
                    if line.startswith(b"cmdstat_publish:"))
        published = int(line.split(b"calls=")[1].split(b",")[0])
        expected = published * self.count * self.message_bytes
        self.pipe.send(expected)
        received = self.pipe.recv()
        if received != expected:
            raise RuntimeError("%s: %d of %d bytes have arrived" % (self.server.name, received, expected))


def _receive(port, count, pipe):
    """What the process does: says that it is ready, takes the number of bytes to wait for, answers how many came."""
    poll, clients = select.epoll(), {}
    for _ in range(count):
        client = servers.Client(port)
        client.call("SUBSCRIBE", CHANNEL)
        clients[client.socket.fileno()] = client
        poll.register(client.socket, select.EPOLLIN)
    poll.register(pipe, select.EPOLLIN)
    pipe.send("ready")
    received, expected, deadline = 0, None, None
    room = bytearray(1 << 20)
    while expected is None or (received < expected and time.monotonic() < deadline):
        for number, _ in poll.poll(1):
            if number in clients:
                # Linux counts what it throws away.
                arrived = clients[number].socket.recv_into(room, len(room), socket.MSG_TRUNC)
                received += arrived
                if not arrived:
                    poll.unregister(number)
            else:
                try:
                    expected = pipe.recv()
                except EOFError:
                    return
                deadline = time.monotonic() + PATIENCE_S
    pipe.send(received)

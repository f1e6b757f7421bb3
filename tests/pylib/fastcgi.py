"""FastCGI from a web server's side, with control of every byte."""

import socket
import struct

from process import PATIENCE

BEGIN, ABORT, END, PARAMS, STDIN, STDOUT, STDERR = range(1, 8)
DATA, GET_VALUES, GET_VALUES_RESULT, UNKNOWN_TYPE = range(8, 12)
RESPONDER, AUTHORIZER = 1, 2
COMPLETE, CANT_MPX, OVERLOADED, UNKNOWN_ROLE = range(4)


def record(kind, content=b"", number=1, padding=0, version=1):
    head = struct.pack(">BBHHBB", version, kind, number, len(content),
                       padding, 0)
    return head + content + b"\xaa" * padding


def begin(keep=True, role=RESPONDER, number=1, padding=0):
    return record(BEGIN, struct.pack(">HB5x", role, 1 if keep else 0), number,
                  padding)


def length(n, wide=False):
    if n < 128 and not wide:
        return bytes([n])
    return struct.pack(">I", n | 0x80000000)


def pair(name, value="", wide=False):
    name, value = name.encode("latin-1"), value.encode("latin-1")
    return length(len(name), wide) + length(len(value), wide) + name + value


def stream(kind, data, size=65535, number=1, padding=0):
    """A stream as records of at most size bytes, and its end record."""
    pieces = [data[i:i + size] for i in range(0, len(data), size)]
    return b"".join(record(kind, p, number, padding)
                    for p in pieces + [b""])


def variables(path="/voice", body=b"", method="POST", **more):
    v = {"REQUEST_METHOD": method, "REQUEST_URI": path,
         "CONTENT_TYPE": "application/json",
         "CONTENT_LENGTH": str(len(body)), "SERVER_PROTOCOL": "HTTP/1.1",
         "REMOTE_ADDR": "192.0.2.7"}
    v.update(more)
    return {name: value for name, value in v.items() if value is not None}


def request(path="/voice", body=b"", keep=True, size=65535, padding=0,
            number=1, wide=False, **more):
    v = variables(path, body, **more)
    params = b"".join(pair(n, v[n], wide) for n in v)
    return (begin(keep, number=number, padding=padding) +
            stream(PARAMS, params, size, number, padding) +
            stream(STDIN, body, size, number, padding))


class Answer:
    """The answer to one request; status 0 if there was none."""

    def __init__(self, out=b"", end=None):
        self.raw = out
        self.end = end
        head, _, self.body = out.partition(b"\r\n\r\n")
        self.fields = dict(line.split(": ", 1) for line in
                           head.decode("latin-1").split("\r\n")
                           if ": " in line)
        status = self.fields.get("Status", "0")
        self.status = int(status.split()[0])

    @property
    def whole(self):
        """Whether it ended correctly, with exactly the announced length."""
        want = self.fields.get("Content-Length", str(len(self.body)))
        return self.end == COMPLETE and want == str(len(self.body))

    def __repr__(self):
        return f"<{self.status} end={self.end} {self.raw[:200]!r}>"


def connect(address, timeout=PATIENCE):
    family = socket.AF_UNIX if isinstance(address, str) else (
        socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
    s = socket.socket(family, socket.SOCK_STREAM)
    # With a timeout set, connecting to a full queue of a unix socket fails.
    if family != socket.AF_UNIX:
        s.settimeout(timeout)
    s.connect(address)
    s.settimeout(timeout)
    return s


class Connection:
    """A web server's connection."""

    def __init__(self, address):
        self.socket = connect(address)
        self.left = b""

    def send(self, data):
        self.socket.sendall(data)

    def take(self, n):
        while len(self.left) < n:
            try:
                piece = self.socket.recv(65536)
            except ConnectionResetError:
                piece = b""
            if not piece:
                return None
            self.left += piece
        taken, self.left = self.left[:n], self.left[n:]
        return taken

    def record(self):
        """The next record as (kind, number, content); None at the end."""
        head = self.take(8)
        if head is None:
            return None
        _, kind, number, n, padding, _ = struct.unpack(">BBHHBB", head)
        content = self.take(n + padding)
        return None if content is None else (kind, number, content[:n])

    def answer(self):
        out = b""
        while True:
            r = self.record()
            if r is None:
                return Answer(out)
            if r[0] == STDOUT:
                out += r[2]
            elif r[0] == END:
                return Answer(out, r[2][4])

    def ask(self, *args, **more):
        self.send(request(*args, **more))
        return self.answer()

    def closed(self):
        """Wait until the peer has closed; True if it sent nothing."""
        return self.record() is None

    def close(self):
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def ask(address, *args, **more):
    """One request on a separate connection."""
    with Connection(address) as c:
        return c.ask(*args, keep=False, **more)

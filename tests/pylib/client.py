"""A small HTTP client that returns the bytes as received: one connection for
each request, read to its end, no redirects followed, no faults repaired."""

import base64
import socket
import ssl
import time
from urllib.parse import urlsplit

from process import PATIENCE


class Answer:
    """One answer: status, header fields, body, and whether the body has the
    announced length."""

    def __init__(self, raw):
        head, _, body = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.raw = raw
        parts = lines[0].split(" ", 2)
        self.status = int(parts[1]) if len(parts) > 1 else 0
        self.fields = [tuple(x.split(": ", 1)) for x in lines[1:] if ": " in x]
        self.body, self.whole = body, True
        if self["Transfer-Encoding"].lower() == "chunked":
            self.body, self.whole = unchunked(body)
        elif self["Content-Length"]:
            self.whole = self["Content-Length"] == str(len(body))

    def __getitem__(self, name):
        """A header field's value; "" if it is absent."""
        for key, value in self.fields:
            if key.lower() == name.lower():
                return value
        return ""

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    def __repr__(self):
        return f"<{self.status} {dict(self.fields)} {self.body[:300]!r}>"


def basic(user, password):
    pair = base64.b64encode(f"{user}:{password}".encode()).decode()
    return f"Basic {pair}"


def chunks(body, size=1000):
    """A body in chunked transfer coding."""
    pieces = [body[i:i + size] for i in range(0, len(body), size)]
    framed = [b"%x\r\n%s\r\n" % (len(p), p) for p in pieces]
    return b"".join(framed) + b"0\r\n\r\n"


def unchunked(raw):
    """(body, whether it is complete) of a chunked body."""
    body = b""
    while True:
        size, found, rest = raw.partition(b"\r\n")
        try:
            n = int(size.split(b";")[0], 16)
        except ValueError:
            return body, False
        if n == 0:
            return body, rest == b"\r\n"
        body += rest[:n]
        if not found or rest[n:n + 2] != b"\r\n":
            return body, False
        raw = rest[n + 2:]


def head(method, target, host, fields):
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}"]
    lines += [f"{name}: {value}" for name, value in fields]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def connect(host, port, tls=False, source=None):
    """source: the address to come from."""
    s = socket.create_connection((host, port), PATIENCE,
                                 (source, 0) if source else None)
    s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if tls:
        s = ssl.create_default_context().wrap_socket(s, server_hostname=host)
    return s


def read_all(s):
    raw = b""
    while True:
        try:
            piece = s.recv(65536)
        except ConnectionResetError:
            break
        if not piece:
            break
        raw += piece
    return raw


def split(url):
    """(scheme is https, host, port, path with query) of a URL."""
    u = urlsplit(url)
    tls = u.scheme == "https"
    target = (u.path or "/") + ("?" + u.query if u.query else "")
    return tls, u.hostname, u.port or (443 if tls else 80), target


def send(url, method="POST", body=b"", fields=(), pace=None, source=None):
    """One request, one answer. pace: seconds between pieces of the body."""
    tls, host, port, target = split(url)
    fields = list(fields) + [("Connection", "close")]
    names = {name.lower() for name, _ in fields}
    if "transfer-encoding" in names:
        body = chunks(body)
    elif body or method == "POST":
        if "content-length" not in names:
            fields.append(("Content-Length", len(body)))
    with connect(host, port, tls, source) as s:
        first = head(method, target, f"{host}:{port}", fields)
        try:
            if pace is None:
                s.sendall(first + body)
            else:
                s.sendall(first)
                step = max(1, len(body) // 4)
                for i in range(0, len(body), step):
                    time.sleep(pace)
                    s.sendall(body[i:i + step])
        except (BrokenPipeError, ConnectionResetError):
            pass  # the server has answered already
        raw = read_all(s)
    return Answer(raw)

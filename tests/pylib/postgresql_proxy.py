"""Between a client and a PostgreSQL: cuts the connection at a chosen message.

Messages are those of PostgreSQL's protocol 3.0: a letter, a length, content."""

import os
import socket
import struct
import threading


def messages(sock, startup):
    """The messages that come from a socket, as bytes. The client's first one
    has no letter."""
    while True:
        letter = b"" if startup else sock.recv(1)
        if not startup and not letter:
            return
        head = b""
        while len(head) < 4:
            part = sock.recv(4 - len(head))
            if not part:
                return
            head += part
        left = struct.unpack("!I", head)[0] - 4
        content = b""
        while len(content) < left:
            part = sock.recv(left - len(content))
            if not part:
                return
            content += part
        startup = False
        yield letter + head + content


class Proxy:
    """Listens in a folder of its own. cut is "before" (the client's COMMIT is
    not passed on, but everything before is executed and answered), "after" (it
    is, but its result is not passed back), or None. completed() is called before
    the result of a statement is passed back."""

    def __init__(self, folder, server):
        self.folder = os.path.join(folder, "proxy")
        self.server = server
        self.cut = None
        self.completed = lambda: None
        self.open = True  # new connections are accepted
        self.inserted = threading.Event()  # the client has an INSERT's result
        self.happened = threading.Event()  # the cut
        os.mkdir(self.folder)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(os.path.join(self.folder, ".s.PGSQL.5432"))
        self.listener.listen(20)
        threading.Thread(target=self.accept, daemon=True).start()

    def url(self):
        return f"postgresql://postgres@/postgres?host={self.folder}"

    def accept(self):
        while True:
            client, _ = self.listener.accept()
            if not self.open:
                client.close()
                continue
            server = socket.socket(socket.AF_UNIX)
            server.connect(os.path.join(self.server.socket, ".s.PGSQL.5432"))
            for work in (self.pass_queries, self.pass_results):
                threading.Thread(target=work, args=(client, server),
                                 daemon=True).start()

    @staticmethod
    def close(*sockets):
        for s in sockets:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def pass_queries(self, client, server):
        wrote = False
        try:
            for m in messages(client, True):
                # Bind: portal "", statement "INSERT" or "COMMIT".
                wrote = wrote or m.startswith(b"B") and b"\0INSERT\0" in m[:20]
                if wrote and self.cut == "before" and \
                        m.startswith(b"B") and b"\0COMMIT\0" in m[:20]:
                    server.sendall(b"H" + struct.pack("!I", 4))  # Flush
                    self.inserted.wait(60)
                    self.stop(client, server)
                    return
                server.sendall(m)
        except OSError:
            pass
        self.close(client, server)

    def pass_results(self, client, server):
        wrote = False
        try:
            for m in messages(server, False):
                done = m[5:-1] if m.startswith(b"C") else b""
                if done:
                    self.completed()
                if wrote and self.cut == "after" and done == b"COMMIT":
                    self.stop(client, server)
                    return
                client.sendall(m)
                if done.startswith(b"INSERT"):
                    wrote = True
                    self.inserted.set()
        except OSError:
            pass
        self.close(client, server)

    def stop(self, client, server):
        self.cut = None
        self.open = False
        self.close(client, server)
        self.happened.set()

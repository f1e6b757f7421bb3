"""A configuration with a store, filled by CGI processes."""

import os
import subprocess

import process
import tap


def run(*argv):
    return subprocess.run([tap.program("cli", "bwcallback"), *argv],
                          capture_output=True, text=True, check=False)


class StoredSite:
    """A folder with this configuration, and requests to it by CGI processes."""

    def __init__(self, folder, text):
        self.folder = folder
        self.config = os.path.join(folder, "callbacks.xml")
        self.log = ""
        self.write("callbacks.xml", text)

    def write(self, name, text):
        with open(os.path.join(self.folder, name), "w",
                  encoding="utf-8") as f:
            f.write(text)

    def send(self, path, body, kind, **env):
        """The answer of one process: status, headers and body as text."""
        body = body.encode()
        method = env.pop("REQUEST_METHOD", "POST")
        done = subprocess.run(
            [tap.program("fcgi", "bwcallback.fcgi"), "--config", self.config],
            input=body, capture_output=True, check=False,
            env={"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": method,
                 "REQUEST_URI": path, "SCRIPT_NAME": "",
                 "SERVER_PROTOCOL": "HTTP/1.1", "CONTENT_TYPE": kind,
                 "CONTENT_LENGTH": str(len(body)),
                 **process.surroundings(), **env})
        self.log = done.stderr.decode()
        head, _, text = done.stdout.decode().partition("\r\n\r\n")
        lines = head.split("\r\n")
        status = int(lines[0].split()[1]) if lines[0] else 0
        headers = dict(line.split(": ", 1) for line in lines[1:])
        return status, headers, text

    def store(self, path, body, kind):
        """Send a request that must be accepted."""
        status, _, text = self.send(path, body, kind)
        if status // 100 != 2:
            tap.ok(False, f"{body} is accepted", f"{status} {text} {self.log}")

    def run(self, command, *options):
        return run(*command.split(), "--config", self.config, *options)

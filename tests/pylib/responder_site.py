"""A deployment: a folder with a flow, a responder, and nginx before it."""

import os
import shutil

import client
import process
import responder
import tap
from nginx import Nginx, program

USER = "bandwidth"


def require():
    """Skip the whole test if nginx is not installed."""
    if program() is None:
        tap.skip_all("nginx is not installed")


class Deployment:
    """front: called with the deployment, creates its web server; nginx by
    default. The responder is started by respond()."""

    def __init__(self, flow, workers=4, front=None, **nginx):
        self.folder = process.folder()
        self.flow = os.path.join(self.folder, "flow")
        shutil.copytree(flow, self.flow)
        for path, _, names in os.walk(self.flow):
            os.chmod(path, 0o755)  # a release's tree may be read-only
            for name in names:
                os.chmod(os.path.join(path, name), 0o755)
        self.config = os.path.join(self.flow, "callbacks.xml")
        self.password = responder.make_password(
            os.path.join(self.flow, "passwd"), USER)
        self.password_file = os.path.join(self.flow, "password")
        with open(self.password_file, "w") as f:
            f.write(self.password + "\n")
        self.log = os.path.join(self.folder, "bwcallback.log")
        self.socket = os.path.join(self.folder, "bwcallback.sock")
        self.workers = workers
        self.responder = None
        if front is None:
            self.nginx = self.front = Nginx(self.folder, self.socket, **nginx)
        else:
            self.front = front(self)
        self.url = self.front.url

    def respond(self):
        self.responder = responder.Responder(
            self.config, self.log, self.socket, workers=self.workers)

    def authorization(self, password=None):
        pair = client.basic(USER, password or self.password)
        return ("Authorization", pair)

    def send(self, path, body=b"", fields=(), method="POST", auth=True,
             **options):
        fields = list(fields)
        if auth:
            fields.append(self.authorization())
        return client.send(self.url + path, method, body, fields, **options)

"""A real Prometheus in a folder of its own, which scrapes responders."""

import json
import os
import shutil
import subprocess
import urllib.parse
import urllib.request

import process
import tap


def require():
    """Skip the whole test if Prometheus is not installed."""
    if shutil.which("prometheus") is None or shutil.which("promtool") is None:
        tap.skip_all("prometheus is not installed")


def promtool(*argv, **options):
    done = subprocess.run(["promtool", *argv], capture_output=True, text=True,
                          check=False, **options)
    return done.returncode, done.stdout + done.stderr


class Prometheus:
    """config: the text of its configuration."""

    def __init__(self, config):
        self.folder = process.folder()
        path = os.path.join(self.folder, "prometheus.yml")
        with open(path, "w", encoding="utf-8") as out:
            out.write(config)
        port = process.free_port()
        self.url = f"http://127.0.0.1:{port}/"
        self.child = process.Child(
            ["prometheus", f"--config.file={path}",
             f"--storage.tsdb.path={self.folder}/data",
             f"--web.listen-address=127.0.0.1:{port}"],
            os.path.join(self.folder, "log"))
        if not process.wait_until(self.is_ready):
            raise RuntimeError("Prometheus: " + self.child.said())

    def get(self, path, **query):
        with urllib.request.urlopen(
                self.url + path + "?" + urllib.parse.urlencode(query)) as got:
            return json.load(got)["data"]

    def is_ready(self):
        try:
            with urllib.request.urlopen(self.url + "-/ready") as got:
                return got.status == 200
        except OSError:
            return False

    def query(self, text):
        """{labels without the name: value}"""
        return {tuple(sorted((k, v) for k, v in x["metric"].items()
                             if k != "__name__")): float(x["value"][1])
                for x in self.get("api/v1/query", query=text)["result"]}

    def firing(self):
        """Names of the alerts that fire."""
        return {x["labels"]["alertname"] for x in
                self.get("api/v1/alerts")["alerts"] if x["state"] == "firing"}

    def stop(self):
        self.child.signal(15)
        return self.child.wait()

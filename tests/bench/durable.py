#!/usr/bin/env python3
"""Side-by-side benchmark of a message that is durable before its 200.

Each request is a different message of about 500 bytes. Behind one nginx, in
alternating rounds: bwcallback.fcgi, the same with a writer that commits one
message at a time, and the same with a store in memory, to show the cost
without the disk. Only the ratios within one run are meaningful.
"""
import argparse
import json
import os
import shutil

import bench

CONFIG = """<callbacks>
  <store url="{url}"/>
  <messaging path="/{name}"/>
</callbacks>
"""
MESSAGE = json.dumps([{
    "type": "message-received", "time": "2026-03-02T15:04:05.678Z",
    "description": "Incoming message received", "to": "+19195550100",
    "message": {
        "id": "1772463845678############", "time": "2026-03-02T15:04:05.600Z",
        "to": ["+19195550100"], "from": "+19195550142",
        "text": "Are you open on Friday? I would like to come in the "
                "afternoon, with two others.",
        "applicationId": "0f9d2a1c-53be-4c67-8a41-6b7e90d2c315",
        "owner": "+19195550100", "direction": "in", "segmentCount": 1}}])

NGINX = """
daemon off;
worker_processes 1;
pid {dir}/nginx.pid;
error_log {dir}/nginx.log warn;
worker_rlimit_nofile 4096;
events {{ worker_connections 2048; }}
http {{
  access_log off;
  client_body_temp_path {dir}/body;
  fastcgi_temp_path {dir}/fastcgi;
  proxy_temp_path {dir}/proxy;
  uwsgi_temp_path {dir}/uwsgi;
  scgi_temp_path {dir}/scgi;
  keepalive_requests 1000000;
  {upstreams}
  server {{
    listen 127.0.0.1:{port};
    include /etc/nginx/fastcgi_params;
    {locations}
  }}
}}
"""

# The program's path in the build folder, and the store.
CONTENDERS = {
    "group": ("fcgi/bwcallback.fcgi", "sqlite:events.db"),
    "single": ("tests/bench/single", "sqlite:events.db"),
    "memory": ("fcgi/bwcallback.fcgi", "mem:"),
}
bench.TITLES.update({
    "group": "bwcallback, SQLite",
    "single": "one commit a request",
    "memory": "the same in memory",
})


class Durable(bench.Bench):
    def __init__(self, args):
        args.sdk = None
        super().__init__(args)
        self.paths = {name: f"/{name}" for name in CONTENDERS}

    def start_all(self):
        d = self.dir
        for name, (program, url) in CONTENDERS.items():
            folder = os.path.join(d, name)
            os.mkdir(folder)
            self.write(f"{name}/callbacks.xml",
                       CONFIG.format(name=name, url=url))
            self.start(name, [f"{self.args.build}/{program}", "--config",
                              f"{folder}/callbacks.xml", "--listen",
                              f"unix:{d}/{name}.sock,mode=0666", "--workers",
                              str(self.args.connections), "--log", "/dev/null"],
                       f"{d}/{name}.sock")
            self.write(f"{name}.request",
                       f"POST /{name} HTTP/1.1\r\nHost: localhost\r\n"
                       "Content-Type: application/json\r\n"
                       f"Content-Length: {len(MESSAGE)}\r\n\r\n{MESSAGE}")
        upstreams = "".join(f"upstream {n} {{ server unix:{d}/{n}.sock; "
                            "keepalive 128; }\n" for n in CONTENDERS)
        locations = "".join(f"location /{n} {{ fastcgi_pass {n}; "
                            "fastcgi_keep_conn on; }\n" for n in CONTENDERS)
        conf = self.write("nginx.conf", NGINX.format(
            dir=d, port=self.port, upstreams=upstreams, locations=locations))
        fd = self.listener.fileno()
        self.start("nginx", [self.args.nginx, "-c", conf, "-p", d],
                   ("127.0.0.1", self.port),
                   env=dict(os.environ, NGINX=f"{fd};"), pass_fds=(fd,))


def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument("--build", default=os.environ.get("BW_BUILDDIR", "."))
    p.add_argument("--nginx", default=shutil.which("nginx") or "/usr/sbin/nginx")
    p.add_argument("--rounds", type=int, default=5)
    p.add_argument("--seconds", type=float, default=3)
    p.add_argument("--connections", type=int, default=64)
    args = p.parse_args()
    args.build = os.path.abspath(args.build)

    b = Durable(args)
    b.start_all()
    for name in b.paths:  # warm up, and create the store
        b.load(name, 0, 0.5, args.connections)
    peak = b.rounds(0, args.connections, b.paths)
    bench.print_table(
        f"Messages, {args.connections} connections", peak,
        [("req/s", "rate", "{:.0f}"), ("nginx us", "nginx", "{:.1f}"),
         ("app us", "app", "{:.1f}"), ("p50 us", "p50", "{:.0f}"),
         ("p99 us", "p99", "{:.0f}"), ("p99.9 us", "p999", "{:.0f}")])
    print()
    single = peak["group"]["rate"] / peak["single"]["rate"]
    memory = peak["group"]["rate"] / peak["memory"]["rate"]
    bench.print_goal("against one commit a request", f"{single:.2f}",
                     "at least 3.00", single >= 3)
    bench.print_goal("against a store in memory", f"{memory:.2f}",
                     "at least 0.80", memory >= 0.8)


if __name__ == "__main__":
    main()

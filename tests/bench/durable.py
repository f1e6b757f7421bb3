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
    "other": "the other build, SQLite",
    "other_memory": "the other build in memory",
})


class Durable(bench.Bench):
    def __init__(self, args, contenders=None):
        args.sdk = None
        super().__init__(args)
        self.programs = {
            name: (f"{args.build}/{program}", url, None)
            for name, (program, url) in (contenders or CONTENDERS).items()}
        if args.other:
            program, env = bench.responder_of(os.path.abspath(args.other))
            self.programs["other"] = (program, "sqlite:events.db", env)
            self.programs["other_memory"] = (program, "mem:", env)
        self.paths = {name: f"/{name}" for name in self.programs}

    def start_responder(self, name, socket, program, url, env):
        folder = os.path.join(self.dir, socket)
        os.mkdir(folder)
        self.write(f"{socket}/callbacks.xml", CONFIG.format(name=name, url=url))
        self.start(socket, [program, "--config", f"{folder}/callbacks.xml",
                            "--listen", f"unix:{self.dir}/{socket}.sock,mode=0666",
                            *self.args.workers, "--log", "/dev/null"],
                   f"{self.dir}/{socket}.sock", env=env)

    def sockets(self, name):
        """The responders of a contender."""
        return [name]

    def start_all(self):
        d = self.dir
        upstreams = ""
        for name, (program, url, env) in self.programs.items():
            servers = ""
            for socket in self.sockets(name):
                self.start_responder(name, socket, program, url, env)
                servers += f"server unix:{d}/{socket}.sock; "
            upstreams += f"upstream {name} {{ {servers}keepalive 128; }}\n"
            self.write(f"{name}.request",
                       f"POST /{name} HTTP/1.1\r\nHost: localhost\r\n"
                       "Content-Type: application/json\r\n"
                       f"Content-Length: {len(MESSAGE)}\r\n\r\n{MESSAGE}")
        locations = "".join(f"location /{n} {{ fastcgi_pass {n}; "
                            "fastcgi_keep_conn on; }\n" for n in self.paths)
        conf = self.write("nginx.conf", NGINX.format(
            dir=d, port=self.port, upstreams=upstreams, locations=locations))
        fd = self.listener.fileno()
        self.start("nginx", [self.args.nginx, "-c", conf, "-p", d],
                   ("127.0.0.1", self.port),
                   env=dict(os.environ, NGINX=f"{fd};"), pass_fds=(fd,))


def arguments(doc, rounds):
    p = argparse.ArgumentParser(description=doc.splitlines()[0])
    p.add_argument("--build", default=os.environ.get("BW_BUILDDIR", "."))
    p.add_argument("--other", help="the build folder of another version")
    p.add_argument("--nginx", default=shutil.which("nginx") or "/usr/sbin/nginx")
    p.add_argument("--rounds", type=int, default=rounds)
    p.add_argument("--seconds", type=float, default=3)
    p.add_argument("--connections", type=int, default=64)
    p.add_argument("--workers", type=lambda n: ("--workers", n), default=(),
                   help="threads, also of the other version")
    args = p.parse_args()
    args.build = os.path.abspath(args.build)
    return args


def main():
    args = arguments(__doc__, 5)

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
                     "at least 0.60", memory >= 0.6)
    if args.other:
        other = peak["other"]["rate"] / peak["other_memory"]["rate"]
        print(f"          the other build against its memory: {other:.2f}; "
              f"this against the other: "
              f"{peak['group']['rate'] / peak['other']['rate']:.2f}")


if __name__ == "__main__":
    main()

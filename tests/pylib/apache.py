"""Apache in a separate folder, with each way to run bwcallback."""

import os
import shutil
import signal

import web_server
from web_server import Front, adapt, shipped

MODULES = "/usr/lib/apache2/modules"

# These lines are Debian's defaults or needed to run apart from the system's
# Apache. The tested directives are in the shipped files.
MAIN = """\
ServerRoot "{dir}"
DefaultRuntimeDir "{dir}"
PidFile "{dir}/pid"
ServerName localhost
ErrorLog "{dir}/error.log"
LogLevel warn
{limits}
Listen 127.0.0.1:{port}
{modules}
{user}
Timeout 300
RequestReadTimeout header=20-40,minrate=500 body=10,minrate=500
<IfModule mod_cgid.c>
ScriptSock "{dir}/cgid"
</IfModule>
<IfModule mod_fcgid.c>
FcgidIPCDir "{dir}/fcgid"
FcgidProcessTableFile "{dir}/shm"
</IfModule>
<IfModule mod_mime.c>
TypesConfig /dev/null
</IfModule>
<Directory />
AllowOverride None
Require all denied
</Directory>
DocumentRoot "{root}"
<Directory "{root}">
AllowOverride {override}
Require all granted
</Directory>
<VirtualHost *:{port}>
{site}
</VirtualHost>
"""

FALLBACK = "/etc/bwcallback/bwcallback-fallback.asis"


class Apache(Front):
    needs = ("apache2",)
    mpm = "event"
    modules = ()
    # The shipped file, and its replacements.
    file = None
    override = "None"
    limits = ""

    def changes(self):
        # A copy, because the server's user may have no access to the checkout.
        copy = self.path("fallback.asis")
        shutil.copyfile(shipped("apache", "bwcallback-fallback.asis"), copy)
        return {FALLBACK: copy}

    def site(self):
        with open(shipped("apache", self.file)) as f:
            return adapt(f.read(), self.changes())

    def root(self):
        """The document root, which has no file of ours."""
        path = self.path("root")
        os.makedirs(path, exist_ok=True)
        return path

    def argv(self):
        modules = [f"mpm_{self.mpm}", "authz_core", "reqtimeout", "alias",
                   "asis", *self.modules]
        lines = [f"LoadModule {m}_module {MODULES}/mod_{m}.so"
                 for m in modules]
        user = (f"User {web_server.USER}\nGroup {web_server.group_of(web_server.USER)}"
                if web_server.is_root() else "")
        if not os.path.exists(self.path("fcgid")):
            os.mkdir(self.path("fcgid"))
            web_server.give(self.path("fcgid"))
        config = self.write("apache.conf", MAIN.format(
            dir=self.folder, port=self.port, modules="\n".join(lines),
            limits=self.limits,
            user=user, root=self.root(), override=self.override,
            site=self.site()))
        return [web_server.find("apache2"), "-f", config, "-DFOREGROUND"]

    def ready(self):
        # Apache listens before it has read its whole configuration.
        return os.path.exists(self.path("pid")) and super().ready()

    def reload(self):
        self.child.signal(signal.SIGUSR1)
        return True


class Proxy(Apache):
    modules = ("proxy", "proxy_fcgi")
    file = "bwcallback-proxy.conf"

    def changes(self):
        return {**super().changes(),
                "/run/bwcallback/bwcallback.sock": self.deployment.socket}


class ProxyPrefork(Proxy):
    mpm = "prefork"


FCGID = f"{MODULES}/mod_fcgid.so"


class Fcgid(Apache):
    needs = ("apache2", FCGID)
    modules = ("fcgid",)
    file = "bwcallback-fcgid.conf"
    starts = True
    # A reload ends its processes. A request just sent to one of them waits for
    # an answer until the timeout.
    lossless = False

    def changes(self):
        return {**super().changes(),
                "/usr/local/bin/bwcallback.fcgi": self.program,
                "/etc/bwcallback/callbacks.xml": self.deployment.config}


class FcgidPrefork(Fcgid):
    mpm = "prefork"


class Cgid(Apache):
    modules = ("cgid", "env")
    file = "bwcallback-cgi.conf"
    starts = True
    # A reload replaces the process that starts programs.
    lossless = False

    def changes(self):
        return {**super().changes(),
                "/usr/local/bin/bwcallback.fcgi": self.program,
                "/etc/bwcallback/callbacks.xml": self.deployment.config}


class Cgi(Cgid):
    mpm = "prefork"
    modules = ("cgi", "env")
    lossless = True

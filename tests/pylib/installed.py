"""What "make install" makes, below a folder of its own, and programs that
are built against it with nothing but pkg-config."""

import os
import subprocess

import tap


def run(argv, **options):
    """A finished program with its output, run without make's variables."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")
           and k != "MFLAGS"}
    env.update(options.pop("env", {}))
    return subprocess.run(argv, capture_output=True, text=True, env=env,
                          check=False, **options)


def variable(name):
    """Of the built Makefile, as this copy was configured."""
    with open(os.path.join(tap.builddir(), "Makefile")) as f:
        text = f.read()
    done = run(["make", "-s", "-f", "-", "bw-say"],
               input=f"{text}\nbw-say:\n\t@echo '$({name})'\n",
               cwd=tap.builddir())
    return done.stdout.strip()


class Tree:
    """An installed copy."""

    def __init__(self, root):
        self.folders = {name: variable(name) for name in
                        ("bindir", "sbindir", "libdir", "docdir", "includedir")}
        done = run(["make", "-s", "install", "DESTDIR=" + root],
                   cwd=tap.builddir())
        tap.ok(done.returncode == 0, "make install", done.stderr)
        self.move(root)

    def move(self, root):
        """Its root is another folder by now."""
        self.root = root
        lib = self.folder("libdir")
        self.shared = os.path.exists(os.path.join(lib, "libbwcallback.so"))
        self.env = {"PKG_CONFIG_PATH": os.path.join(lib, "pkgconfig"),
                    "LD_LIBRARY_PATH": lib}

    def folder(self, name):
        return self.root + self.folders[name]

    def pkg_config(self):
        """The command, which has to ask for more when only the static library
        is installed."""
        return ["pkg-config", *([] if self.shared else ["--static"])]

    def flags(self):
        """What a program needs. What loads a library with the sanitizers in it
        needs them, too."""
        said = run([*self.pkg_config(), "--cflags", "--libs", "bwcallback"],
                   env=self.env)
        if said.returncode != 0:
            raise RuntimeError(said.stderr)
        return said.stdout.split() + self.sanitizers()

    def sanitizers(self):
        return [flag for flag in variable("BW_CFLAGS").split()
                if flag.startswith("-fsanitize")]

"""A tree made by "make install", below a separate folder, and programs built
against it with only pkg-config."""

import os
import subprocess

import tap


def run(argv, **options):
    """Run a program without make's variables; its exit code and output."""
    env = {k: v for k, v in os.environ.items() if not k.startswith("MAKE")
           and k != "MFLAGS"}
    env.update(options.pop("env", {}))
    return subprocess.run(argv, capture_output=True, text=True, env=env,
                          check=False, **options)


def variable(name):
    """A variable of the Makefile in the build folder."""
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
        """Set the root after the tree was moved."""
        self.root = root
        lib = self.folder("libdir")
        self.shared = os.path.exists(os.path.join(lib, "libbwcallback.so"))
        self.env = {"PKG_CONFIG_PATH": os.path.join(lib, "pkgconfig"),
                    "LD_LIBRARY_PATH": lib}

    def folder(self, name):
        return self.root + self.folders[name]

    def pkg_config(self):
        """The command, with --static if only the static library is
        installed."""
        return ["pkg-config", *([] if self.shared else ["--static"])]

    def flags(self):
        """Flags for a program. A program that loads a library with sanitizers
        needs the sanitizers too."""
        said = run([*self.pkg_config(), "--cflags", "--libs", "bwcallback"],
                   env=self.env)
        if said.returncode != 0:
            raise RuntimeError(said.stderr)
        return said.stdout.split() + self.sanitizers()

    def sanitizers(self):
        return [flag for flag in variable("BW_CFLAGS").split()
                if flag.startswith("-fsanitize")]

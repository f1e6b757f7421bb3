"""A certificate authority of a test's own, and certificates of servers."""

import os
import subprocess


def openssl(*arguments):
    done = subprocess.run(["openssl", *arguments], capture_output=True,
                          text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"openssl: {done.stderr}")


class Authority:
    """Its certificate is the file ca in the folder."""

    def __init__(self, folder, name="ca"):
        self.ca = os.path.join(folder, name + ".crt")
        self.key = os.path.join(folder, name + ".key")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-days", "36500",
                "-subj", f"/CN={name} of a test", "-keyout", self.key,
                "-out", self.ca)

    def issue(self, path, names, user=None):
        """path.crt and path.key, which belongs to the user. names: as in the
        extension, "DNS:db1.example" or "IP:10.0.0.1"."""
        openssl("req", "-newkey", "ec", "-pkeyopt",
                "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=test",
                "-keyout", path + ".key", "-out", path + ".csr")
        with open(path + ".ext", "w", encoding="ascii") as f:
            f.write("subjectAltName=" + ",".join(names) + "\n")
        openssl("x509", "-req", "-in", path + ".csr", "-CA", self.ca,
                "-CAkey", self.key, "-CAcreateserial", "-days", "36500",
                "-extfile", path + ".ext", "-out", path + ".crt")
        os.chmod(path + ".key", 0o600)
        if user is not None:
            os.chown(path + ".key", user, -1)

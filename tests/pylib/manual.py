"""What stands in manual pages."""

import re


def examples(text):
    """Of part of a page: its literal displays, as they are read."""
    found = re.findall(r"^\.Bd -literal.*\n((?:.*\n)*?)\.Ed$", text,
                       re.MULTILINE)
    return [example.replace(r"\e", "\\") for example in found]

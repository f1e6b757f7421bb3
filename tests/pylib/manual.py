"""The content of manual pages."""

import re


def examples(text):
    """The literal displays in part of a page, without markup."""
    found = re.findall(r"^\.Bd -literal.*\n((?:.*\n)*?)\.Ed$", text,
                       re.MULTILINE)
    return [example.replace(r"\e", "\\") for example in found]

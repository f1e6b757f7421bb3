"""Retired words of identifiers, and their exceptions."""
import re

# word -> (paths where it is allowed, identifiers in which it is allowed)
RETIRED = {
    "keep": ("", r"keep_?alive|KEEP_?CONN|KEEPALIVE|KEEPIDLE|KEEPINTVL"),
    "keeps": ("", ""),
    "keeping": ("", ""),
    "kept": ("", ""),
    "keeper": ("", ""),
    "verdict": (r"portout|subscriber|flow/|response_xml|verdicts", r"portout"),
    "verdicts": (r"portout|subscriber|flow/|response_xml|verdicts", r"portout"),
    "place": ("", ""),
    "places": ("", ""),
    "stage": ("", r"store_stage"),
    "staged": ("", ""),
    "note": (r"^cli/orders/", ""),  # the <Note> of an order
    "notes": ("", ""),
    "noted": ("", ""),
    "notice": (r"^cli/orders/", ""),
    "tell": ("", ""),
    "tells": ("", ""),
    "told": ("", ""),
    "teller": ("", ""),
    "telling": ("", ""),
    "settle": (r"store|consume", r"settle"),
    "settled": (r"store|consume", ""),
    "cover": (r"graph|coverage", r"graph_cover"),
    "covers": (r"graph|pattern", ""),
    "crew": ("", ""),
    "gate": ("", ""),
    "roster": ("", ""),
    "asked": ("", ""),
    "remember": ("", ""),
    "remembered": ("", ""),
    "verified": ("", ""),
    "renewal": ("", ""),
    "edition": ("", ""),
    "mishap": ("", ""),
    "agenda": ("", ""),
    "unheard": ("", ""),
    "hear": ("", ""),
    "hears": ("", ""),
    "heard": ("", ""),
    "patience": ("", ""),
}

COMMENT_OR_STRING = re.compile(
    r"""/\*.*?\*/ | //[^\n]* | "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])+'
        | ^\s*\#\s*include[^\n]*""", re.DOTALL | re.VERBOSE | re.MULTILINE)
IDENTIFIER = re.compile(r"[A-Za-z_]\w*")


def retired(path, text):
    """Lines of a file with an identifier that has a retired word."""
    code = COMMENT_OR_STRING.sub(lambda m: "\n" * m.group().count("\n"), text)
    found = []
    for number, line in enumerate(code.splitlines(), 1):
        for name in IDENTIFIER.findall(line):
            for word in name.lower().split("_"):
                if word not in RETIRED:
                    continue
                paths, names = RETIRED[word]
                if paths and re.search(paths, path):
                    continue
                if names and re.search(names, name, re.I):
                    continue
                found.append(f"{path}:{number}: {name}")
    return found

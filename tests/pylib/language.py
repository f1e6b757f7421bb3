"""The tables of BXML, with the wording of their rows in bxml(7)."""

import os
import re

import tap

# Types of bxml.h, explained under VALUES. NONE has no explanation.
TYPES = {
    "STRING": "text", "BOOLEAN": "true or false", "INTEGER": "whole number",
    "DECIMAL": "number", "URL": "URL", "WSURL": "websocket URL",
    "NUMBER": "telephone number", "CALLER": "caller id",
    "CALLEE": "destination", "SIP_URI": "SIP URI", "DISPLAY": "display name",
    "CALL_ID": "callId", "CALL_IDS": "callIds", "NAME": "conference name",
    "KEYS": "keys", "DTMF": "tones", "UUI": "user-to-user values",
    "LOCALE": "language tag", "LOCALES": "language tags",
    "DURATION": "duration", "PERCENT": "percentage", "CHANGE": "change",
    "DECIBEL": "decibels", "SSML": "speech",
}
CONTEXTS = ("RINGING", "ANSWERED", "TRANSFER", "CONFERENCE")
SETS = {"RINGING": {"RINGING"}, "TRANSFER": {"TRANSFER"},
        "OWN_CALL": {"RINGING", "ANSWERED"},
        "CALLS": {"RINGING", "ANSWERED", "TRANSFER"},
        "EVERYWHERE": set(CONTEXTS)}
SOURCES = (("RECENT", "since 2025"), ("SDK_ONLY", "SDKs only"))
LISTED = 12  # longer lists of words have their own section
ARGUMENT = re.compile(r'\s*((?:"[^"]*"|\w+\([^()]*\)|[\w|*]+|\s+)+)\s*(?:,|$)')


def rows(name):
    """Rows of a table in lib/bxml/, as [macro, argument, ...]."""
    path = os.path.join(tap.srcdir(), "lib", "bxml", name)
    with open(path, encoding="utf-8") as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.DOTALL)
    text = re.sub(r"^#.*$", "", text, flags=re.MULTILINE)
    found = re.findall(r'(\w+)\(((?:"[^"]*"|\([^()]*\)|[^()"])*)\)', text)
    return [[macro, *(a.strip() for a in ARGUMENT.findall(arguments))]
            for macro, arguments in found]


def plain(argument):
    """The value of a C string, of IN_ROOT or of IN_SPEECH."""
    argument = argument.replace("IN_ROOT", '"Response|Bxml"').replace(
        "IN_SPEECH", '"SpeakSentence|emphasis|lang|p|prosody|s"')
    return "".join(re.findall(r'"([^"]*)"', argument))


def options(arguments):
    """RANGE(1, 50) as {"RANGE": ["1", "50"]}, RECENT as {"RECENT": []}."""
    found = {}
    for argument in arguments:
        name, _, inside = argument.partition("(")
        found[name] = [i.strip() for i in inside.rstrip(")").split(",")]
    return found


def either(names):
    return " or ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def words():
    """For each list: [(word, locale, gender, whether it is documented)]."""
    lists = {}
    for macro, *row in rows("words.def"):
        if macro == "LIST":
            found = lists[row[0]] = []
        elif macro in ("WORD", "VOICE"):
            about = [plain(a) for a in row[1:-1]] + ["", ""]
            found.append((*about[:3], row[-1] == "DOCUMENTED"))
    return lists


def length(limits):
    least, most = limits
    if most == "0":
        return "not empty"
    return f"up to {most} characters" + (", not empty" if least != "0" else "")


def value(row, lists):
    """The line of an attribute."""
    kind, required, *rest = row
    given = options(rest)
    says = [] if kind in ("ENUM", "METHOD") else [TYPES[kind]]
    if "WORDS" in given:
        name = given["WORDS"][0]
        names = [word for word, *_ in lists[name]]
        says = [either(says + names) if len(names) < LISTED
                else f"a {name}, see {name.upper()}S"]
    if "RANGE" in given:
        says.append(" to ".join(given["RANGE"]) +
                    "".join(" " + plain(u) for u in given.get("UNIT", [])))
    elif "UNIT" in given:
        says.append("in " + plain(given["UNIT"][0]))
    if "LENGTH" in given:
        says.append(length(given["LENGTH"]))
    if required == "REQUIRED":
        says.append("required")
    if "DEFAULT" in given:
        says.append("default " + (plain(given["DEFAULT"][0]) or "none"))
    for option, text in (("BY", "by "), ("USER", "as "), ("ELSE", "else ")):
        if option in given:
            says.append(text + plain(given[option][0]))
    if "HTTPS" in given:
        says.append("https beside credentials")
    says += [text for option, text in SOURCES if option in given]
    return "; ".join(says) + "."


class Element:
    def __init__(self, identifier, name, parents, text, required, *rest):
        self.id = identifier
        self.name = plain(name)
        self.parents = plain(parents).split("|")
        self.text, self.required = text, required == "REQUIRED"
        self.given = options(rest)
        self.attrs, self.causes, self.children = [], [], []
        self.title = self.name

    def answers(self):
        places = SETS[self.given["IN"][0]]
        line = ", ".join(c.lower() for c in CONTEXTS if c in places)
        if "UNLISTED_IN" in self.given:
            line += "; not documented for " + self.given["UNLISTED_IN"][
                0].lower()
        return line

    def runs(self):
        says = ["the next verb waits" if "BLOCKS" in self.given
                else "the next verb begins at once"]
        if "ANSWERS" in self.given:
            says.append("answers a ringing call")
        ends = self.given.get("ENDS")
        if ends:
            says.append("nothing after it runs" + (
                "" if ends == ["ALWAYS"] else f" if {plain(ends[0])} is set"))
        return "; ".join(says)

    def holds(self):
        least, most = self.given.get("HOLDS", ("0", "0"))
        number = ("any number" if (least, most) == ("0", "0") else
                  f"{least} or more" if most == "0" else
                  least if least == most else f"{least} to {most}")
        return f"{number} of {', '.join(self.children)}"

    def facts(self, synchronous):
        """The lines about it: [(key, line)]."""
        found = []
        if self.parents != [""]:
            found.append(("Inside", ", ".join(
                p for p in self.parents if p != "Bxml")))
        if self.text != "NONE":
            found.append(("Text", TYPES[self.text] + "".join(
                f"; up to {n} characters" for n in self.given.get(
                    "TEXT_MAX", [])) + ("; required" if self.required
                                        else "")))
        if self.children:
            found.append(("Holds", self.holds()))
        if "IN" in self.given:
            found.append(("Answers", self.answers()))
            found.append(("Runs", self.runs()))
        for event, url in self.causes:
            found.append(("Asks" if event in synchronous else "Tells",
                          f"{url}: {event or 'events of no documented name'}"))
        return found


def answers():
    """[(event, form of its answer)]"""
    return [(plain(event), context.lower())
            for _, event, context in rows("answers.def")]


def former():
    """[(foreign name, BXML's)]"""
    found = []
    for macro, *row in rows("former.def"):
        row = [plain(a) for a in row]
        name = row[0] if macro == "ELEMENT" else f"{row[0]} {row[1]}"
        found.append((name, row[-2],
                      row[-1].replace("version 1 of BXML", "BXML 1")))
    return found


def elements():
    lists = words()
    found = []
    for macro, *row in rows("language.def"):
        if macro == "ELEMENT":
            found.append(Element(*row))
        elif macro == "ATTR":
            found[-1].attrs.append((plain(row[0]), value(row[1:], lists)))
        elif macro == "CAUSES":
            found[-1].causes.append((plain(row[0]), plain(row[1])))
    for element in found:
        if [e.name for e in found].count(element.name) > 1:
            element.title = f"{element.name} in {element.parents[0]}"
        element.children = [e.name for e in found
                            if element.name in e.parents]
        if element.parents == [""]:
            element.children = ["verbs"]
    return found

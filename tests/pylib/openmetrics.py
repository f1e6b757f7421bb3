"""A strict reader of metrics: Prometheus text format 0.0.4 and OpenMetrics 1.0.

Raises Malformed for whatever either format forbids, and for what a scraper
would accept with a wrong meaning: a series that occurs twice, samples before
their description, buckets that do not add up."""

import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"')
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\S+)")
DESCRIPTION = re.compile(rf"# (HELP|TYPE) ({NAME}) (.+)")
NUMBER = re.compile(r"\d+(\.\d+)?")
SUFFIXES = {"counter": {"_total"}, "gauge": {""},
            "histogram": {"_bucket", "_sum", "_count"}}


class Malformed(Exception):
    pass


def need(good, *what):
    if not good:
        raise Malformed(" ".join(map(str, what)))


def unescape(value):
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] == "n" else m[1], value)


def labels(text, line):
    """{"section": "/voice"} of the text between braces."""
    found, at = {}, 0
    while at < len(text):
        m = LABEL.match(text, at)
        need(m, "label:", line)
        need(m[1] not in found, "a label twice:", line)
        found[m[1]] = unescape(m[2])
        at = m.end()
        if at < len(text):
            need(text[at] == "," and at + 1 < len(text), "comma:", line)
            at += 1
    return found


class Metric:
    def __init__(self, name, openmetrics):
        self.name = name
        self.openmetrics = openmetrics
        self.help = self.type = None

    def suffix(self, sample):
        """The suffix after the metric's name; None: another metric."""
        base = self.name
        if self.type == "counter" and not self.openmetrics:
            need(base.endswith("_total"), "a counter without _total:", base)
            base = base[:-len("_total")]
        rest = sample[len(base):]
        return rest if sample.startswith(base) and \
            rest in SUFFIXES[self.type] else None


class Metrics:
    """metrics["bwcallback_requests_total", {"section": "/voice"}] adds up the
    series that have these labels; .series has each one."""

    def __init__(self, text, openmetrics=False):
        self.openmetrics = openmetrics
        self.series = {}
        self.described = {}
        self.metric = None
        need(text.endswith("\n"), "the last line has no end")
        lines = text[:-1].split("\n")
        if openmetrics:
            need(lines.pop() == "# EOF", "no # EOF")
        for line in lines:
            self.line(line)
        for metric in self.described.values():
            need(metric.help and metric.type, "half described:", metric.name)
        self.check_histograms()

    def __getitem__(self, key):
        name, some = key if isinstance(key, tuple) else (key, {})
        return sum(value for (n, ls), value in self.series.items()
                   if n == name and some.items() <= dict(ls).items())

    def of(self, name):
        """{tuple of the labels' values: value} of the series with this name."""
        return {tuple(value for _, value in ls): value
                for (n, ls), value in self.series.items() if n == name}

    def line(self, line):
        need("\r" not in line, "carriage return:", repr(line))
        if line.startswith("#"):
            self.describe(line)
        else:
            self.sample(line)

    def describe(self, line):
        m = DESCRIPTION.fullmatch(line)
        need(m, "comment:", line)
        if self.metric is None or self.metric.name != m[2]:
            need(m[2] not in self.described, "described apart:", line)
            self.metric = Metric(m[2], self.openmetrics)
            self.described[m[2]] = self.metric
        if m[1] == "HELP":
            need(self.metric.help is None, "help twice:", line)
            self.metric.help = m[3]
        else:
            need(self.metric.type is None, "type twice:", line)
            need(m[3] in SUFFIXES, "type:", line)
            self.metric.type = m[3]
            need(m[3] != "counter" or
                 m[2].endswith("_total") != self.openmetrics,
                 "name of a counter:", line)

    def sample(self, line):
        m = SAMPLE.fullmatch(line)
        need(m, "sample:", line)
        need(self.metric and self.metric.help and self.metric.type,
             "not described:", line)
        suffix = self.metric.suffix(m[1])
        need(suffix is not None, "of another metric:", line)
        need(m[2] != "", "empty braces:", line)
        found = labels(m[2] or "", line)
        need(("le" in found) == (suffix == "_bucket"), "le:", line)
        need(NUMBER.fullmatch(m[3]), "number:", line)
        key = m[1], tuple(found.items())
        need(key not in self.series, "a series twice:", line)
        self.series[key] = float(m[3])

    def check_histograms(self):
        for name, metric in self.described.items():
            if metric.type != "histogram":
                continue
            buckets = {}
            for (n, ls), value in self.series.items():
                if n == name + "_bucket":
                    rest = tuple(x for x in ls if x[0] != "le")
                    buckets.setdefault(rest, []).append(
                        (float(dict(ls)["le"]), value))
            for rest, values in buckets.items():
                need(values == sorted(values), "order of buckets:", rest)
                counts = [count for _, count in values]
                need(counts == sorted(counts), "buckets fall:", rest)
                need(values[-1][0] == float("inf"), "no +Inf:", rest)
                need(self.series[name + "_count", rest] == counts[-1],
                     "count:", rest)
                need((name + "_sum", rest) in self.series, "no sum:", rest)

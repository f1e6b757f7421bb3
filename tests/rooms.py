"""The rooms of the tree, and the rooms that each may include."""

# A room may include itself, the rooms named here, and public headers.
# In each part the rooms are listed bottom up: none names a later one.
LIB = {
    "base": "",
    "os": "base",
    "time": "base os",
    "event": "base",
    "auth": "base os",
    "bxml": "base",
    "mask": "base event bxml",
    "row": "base event bxml mask",
    "store": "base os",
    "data": "base os time",
    "template": "base event bxml data",
    "portout": "base os event store data",
    "flow": "base os time event auth bxml mask row store data template portout",
    "config": "base os time event auth bxml mask row store data template "
              "portout flow",
    "graph": "base os time event auth bxml mask row store data template "
             "portout flow config",
    "page": "base os time event auth bxml mask row store data template portout "
            "flow config graph",
    "callback": "base os time event auth bxml mask row store data template "
                "portout flow config page graph",
}

SIM = {
    "base": "",
    "wire": "base",
    "world": "base wire",
    "deliver": "base wire world",
    "person": "base",
    "call": "base wire world deliver person",
    "family": "base wire world deliver person",
    "report": "base wire world deliver",
    "explore": "base wire world deliver person call report",
    "scenario": "base wire world deliver person call family report explore",
}

CLI = {
    "common": "",
    "check": "common",
    "completion": "common",
    "consume": "common",
    "dev": "common",
    "doctor": "common",
    "events": "common",
    "init": "common",
    "orders": "common",
    "simulate": "common",
    "store": "common",
    "upgrade": "common",
}

PARTS = {"lib": LIB, "sim": SIM, "cli": CLI}


def room_of(path):
    """"lib/store/spool.c" is in "store"; a file in no room is in ""."""
    parts = path.split("/")
    return parts[1] if len(parts) > 2 else ""


def may(path, target):
    """Whether a file may include another one of the same part."""
    rooms = PARTS[path.split("/")[0]]
    here, there = room_of(path), room_of(target)
    if here == there:
        return True
    if here == "":  # a command that is one file
        return there == "common"
    return there in rooms.get(here, "").split()


def circles():
    """Rooms that name themselves or a later room."""
    found = []
    for part, rooms in PARTS.items():
        below = set()
        for room, used in rooms.items():
            found += [f"{part}/{room}: {name}" for name in used.split()
                      if name not in below]
            below.add(room)
    return found

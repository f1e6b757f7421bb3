"""Checks a value against a JSON schema. It knows the words that our schemas
use, and refuses others, so that none is ignored."""

WORDS = {"$schema", "title", "type", "properties", "required", "items",
         "additionalProperties", "const", "enum", "minimum"}
TYPES = {"object": dict, "array": list, "string": str, "integer": int,
         "boolean": bool}


def faults(schema, value, at="$"):
    """Sentences about what is wrong; none if the value is valid."""
    if schema is True:
        return []
    if schema is False:
        return [f"{at}: not allowed"]
    unknown = set(schema) - WORDS
    if unknown:
        raise ValueError(f"schema: {sorted(unknown)}")
    found = []
    if "const" in schema and value != schema["const"]:
        found.append(f"{at}: not {schema['const']!r}")
    if "enum" in schema and value not in schema["enum"]:
        found.append(f"{at}: none of {schema['enum']}")
    if "type" in schema and not (
            isinstance(value, TYPES[schema["type"]]) and
            isinstance(value, bool) <= (schema["type"] == "boolean")):
        return found + [f"{at}: no {schema['type']}"]
    if "minimum" in schema and value < schema["minimum"]:
        found.append(f"{at}: less than {schema['minimum']}")
    if isinstance(value, dict):
        found += of_object(schema, value, at)
    if isinstance(value, list) and "items" in schema:
        for i, element in enumerate(value):
            found += faults(schema["items"], element, f"{at}[{i}]")
    return found


def of_object(schema, value, at):
    found = [f"{at}: no {name}" for name in schema.get("required", [])
             if name not in value]
    for name, member in value.items():
        inner = schema.get("properties", {}).get(
            name, schema.get("additionalProperties", True))
        found += faults(inner, member, f"{at}.{name}")
    return found

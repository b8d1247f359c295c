"""Entities from their definition, in plain Python, a token at a time: the oracle of `EntitySpans`."""


def spans(labels, scheme):
    """The entities of a sequence of labels: a set of (type, first token, last token)."""
    found, opened = set(), None  # (type, first token) of the entity that is open
    for place, label in enumerate([*labels, "O"]):
        prefix, kind = label[0], label[2:] or "_"
        last = labels[place - 1][0] if place else "O"
        goes_on = opened is not None and prefix in "IE" and last in "BI" and opened[0] == kind
        if not goes_on:
            if opened is not None and (scheme != "IOBES" or last in "ES"):
                found.add((*opened, place - 1))
            opened = (kind, place) if _begins(prefix, scheme) else None
    return found


def _begins(prefix, scheme):
    return prefix != "O" if scheme == "BIO" else prefix in "BS"


def count(true, pred, types, scheme):
    """tp, predicted and true entities of each type over sequences of labels."""
    counts = [[0] * len(types) for _ in range(3)]
    for ours, theirs in zip(true, pred, strict=True):
        a, b = spans(ours, scheme), spans(theirs, scheme)
        for row, entities in zip(counts, (a & b, b, a), strict=True):
            for kind, *_ in entities:
                row[types.index(kind)] += 1
    return counts

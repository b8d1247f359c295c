"""`Report` (in the making)."""


class Report:
    """Placeholder until the next commit."""

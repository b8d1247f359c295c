"""`ScoreLogger` (in the making)."""


class ScoreLogger:
    """Placeholder until the next commit."""

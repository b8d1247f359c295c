"""The machine and the versions that the figures were measured on."""

import importlib.metadata
import os
import platform
from pathlib import Path

PACKAGES = ("tensorflow", "keras", "numpy", "scikit-learn", "torch", "torchmetrics", "google-metrax", "jax")


def describe() -> dict[str, str | int | float]:
    """Device, cores, load and versions."""
    import tensorflow as tf

    import fmnist_tf

    gpus = [tf.config.experimental.get_device_details(gpu).get("device_name", "GPU") for gpu in _gpus(tf)]
    return {
        "device": ", ".join(gpus) or f"CPU: {_cpu()}",
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 0,
        "load": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "fmnist_tf": fmnist_tf.__version__,
        **{name: version for name in PACKAGES if (version := _version(name))},
    }


def _gpus(tf) -> list:
    return tf.config.list_physical_devices("GPU")


def _cpu() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None

"""A report as a dict that is ready for JSON."""

from typing import TYPE_CHECKING, Any

from fmnist_tf.report.cells import plain, to_dicts

if TYPE_CHECKING:
    from fmnist_tf.report.report import Report


def report_dict(report: "Report") -> dict[str, Any]:
    """The dict that `Report.to_dict` describes."""
    groups = {"overall": report.overall, "macro": report.macro, "weighted": report.weighted}
    return {
        **{group: to_dicts(cells) for group, cells in groups.items()},
        "classes": {
            name: {**to_dicts(cells), "support": plain(report.support[name])} for name, cells in report.classes.items()
        },
        **({"curves": report.curves.to_dict()} if report.curves else {}),
        **({"by": {name: report.by(name).to_dict() for name in report.slices}} if report.slices else {}),
        **({"epoch": report.epoch} if report.epoch is not None else {}),
        **({"effective_total": report.effective_total} if report.is_weighted else {}),
    }

"""Check, plan and start Docker Compose stacks in readiness order.

`load` reads a project, `check` finds what will go wrong in it, `Stack` starts it on an engine.
Everything is imported when first used: `import composecheck` costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from composecheck.engine.simulated import Behaviour
    from composecheck.engine.simulated.session import Simulated
    from composecheck.errors import (
        ComposecheckError,
        DeadlineError,
        EngineError,
        NotReadyError,
        SourceError,
        UnsupportedError,
        UsageError,
    )
    from composecheck.event import Event
    from composecheck.findings.diagnostic import Diagnostic
    from composecheck.findings.errors import LoadError, PreflightError
    from composecheck.lint import Report, check, load
    from composecheck.lint.several import check_paths
    from composecheck.model.project import Project, Service
    from composecheck.settings import Settings
    from composecheck.stack import Address, RunningService, Stack
    from composecheck.version import __version__

__all__ = [
    "Address",
    "Behaviour",
    "ComposecheckError",
    "DeadlineError",
    "Diagnostic",
    "EngineError",
    "Event",
    "LoadError",
    "NotReadyError",
    "PreflightError",
    "Project",
    "Report",
    "RunningService",
    "Service",
    "Settings",
    "Simulated",
    "SourceError",
    "Stack",
    "UnsupportedError",
    "UsageError",
    "__version__",
    "check",
    "check_paths",
    "load",
]

_HOME = {
    "Diagnostic": "findings.diagnostic",
    "Project": "model.project",
    "Service": "model.project",
    "LoadError": "findings.errors",
    "PreflightError": "findings.errors",
    "Report": "lint",
    "Settings": "settings",
    "check": "lint",
    "check_paths": "lint.several",
    "load": "lint",
    "Address": "stack",
    "Behaviour": "engine.simulated",
    "Event": "event",
    "RunningService": "stack",
    "Simulated": "engine.simulated.session",
    "Stack": "stack",
    "__version__": "version",
}


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_HOME.get(name, 'errors')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return [*__all__]

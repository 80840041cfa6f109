"""Every error that tidemill raises, to be caught by name; see `docs/reference/errors.md`.

Example:
    >>> from tidemill import errors
    >>> issubclass(errors.JobFailed, errors.StateError)
    True
"""

from tidemill.core.errors import (
    AttemptOver,
    CircularDependency,
    DuplicateTask,
    InsideJob,
    InsideLoop,
    InvalidArguments,
    InvalidName,
    InvalidOption,
    JobFailed,
    JobNotFinished,
    JobNotFound,
    LeaseLost,
    MisuseError,
    NotUnique,
    OutsideJob,
    PayloadTooLarge,
    ReleaseInUse,
    SchemaMismatch,
    StateError,
    StoreCorrupt,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreMissing,
    StoreReadOnly,
    StoreUnavailable,
    TidemillError,
    UnknownParent,
    UnknownTask,
    Unserialisable,
    VersionConflict,
    WrongTransaction,
)

__all__ = [
    "AttemptOver",
    "CircularDependency",
    "DuplicateTask",
    "InsideJob",
    "InsideLoop",
    "InvalidArguments",
    "InvalidName",
    "InvalidOption",
    "JobFailed",
    "JobNotFinished",
    "JobNotFound",
    "LeaseLost",
    "MisuseError",
    "NotUnique",
    "OutsideJob",
    "PayloadTooLarge",
    "ReleaseInUse",
    "SchemaMismatch",
    "StateError",
    "StoreCorrupt",
    "StoreError",
    "StoreFull",
    "StoreLocked",
    "StoreMissing",
    "StoreReadOnly",
    "StoreUnavailable",
    "TidemillError",
    "UnknownParent",
    "UnknownTask",
    "Unserialisable",
    "VersionConflict",
    "WrongTransaction",
]

for _name in __all__:
    # A traceback is where one learns what to catch: it names the module that is promised.
    globals()[_name].__module__ = __name__

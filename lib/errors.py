"""The only errors a person ever sees: what happened, and what to do about it.

Domain code raises a `UserError`; `lib/ui/kit/guard.py` and the command line are the only places that show one.
Everything else that is raised is a defect of ours and is logged, never shown.
"""


class UserError(Exception):
    """Something a person can mend.

    Args:
        problem: What happened, one sentence in the user's words.
        remedy: What to do next, one sentence that starts with a verb.

    >>> str(UserError("The file is empty.", "Export it again and upload the new copy."))
    'The file is empty. Export it again and upload the new copy.'
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem} {remedy}")
        self.problem = problem
        self.remedy = remedy


class FileError(UserError):
    """A file cannot be read as a table."""


class NoRowsError(FileError):
    """A file is whole but holds no rows."""


class MappingError(UserError):
    """The columns of a table do not give what its contract needs."""


class DataError(UserError):
    """The rows are readable but cannot answer the question asked of them."""


class QueryError(UserError):
    """A query was refused, failed, or passed a limit."""


class NotFoundError(UserError):
    """A workbook, dataset, room or answer is not (or no longer) there."""


class ConflictError(UserError):
    """Somebody else changed the same answer since it was read."""


class NotAllowedError(UserError):
    """The person's role does not permit this."""


class LimitError(UserError):
    """A cap of size, rate or number was passed."""

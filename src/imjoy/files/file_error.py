"""Why a file cannot be read or written, with what to do about it."""

from __future__ import annotations

import errno

from imjoy.errors import ImJoyError

_KNOWN = {
    errno.ENOENT: ("file.not_found", "it does not exist", "Check the name, or list the folder."),
    errno.ENOTDIR: ("file.not_found", "it is not a folder", "Check the path."),
    errno.EISDIR: ("file.failed", "it is a folder", "Name a file."),
    errno.EEXIST: ("file.exists", "it is there already", "Take another name, or overwrite it."),
    errno.ENOTEMPTY: ("file.failed", "the folder is not empty", "Remove what is in it first."),
    errno.EACCES: ("file.forbidden", "the user of the engine may not", "Change its permissions."),
    errno.EPERM: ("file.forbidden", "the user of the engine may not", "Change its permissions."),
    errno.EROFS: ("file.forbidden", "the disk is read-only", "Choose another folder."),
    errno.ELOOP: ("file.forbidden", "a link stands in its path", "Name the file itself."),
    errno.ENOSPC: ("file.failed", "the disk is full", "Make room there, then try again."),
    errno.EDQUOT: ("file.failed", "your share of the disk is full", "Make room, then try again."),
    errno.ENAMETOOLONG: ("file.failed", "its name is too long", "Take a shorter name."),
}


class FileError(ImJoyError):
    """A file that cannot be used; `code` begins with `file.`."""

    def __init__(self, what: str, cause: str, remedy: str, code: str = "file.forbidden") -> None:
        facts = {"step": what, "cause": cause, "remedy": remedy}
        super().__init__(f"{what}: {cause}. {remedy}", facts, code)

    @classmethod
    def of(cls, what: str, error: OSError) -> FileError:
        """The same for what the system said."""
        usual = ("file.failed", (error.strerror or "it failed").lower(), "Try again.")
        code, cause, remedy = _KNOWN.get(error.errno or 0, usual)
        return cls(what, cause, remedy, code)

"""Takes the file out of a form (`multipart/form-data`) as its bytes come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from python_multipart.multipart import MultipartParser, parse_options_header

from imjoy.files import FileError


class FormFile:
    """The bytes of the first part that has a file name; other parts are passed over."""

    def __init__(self, boundary: bytes) -> None:
        self.complete = False
        self._taking = False
        self._field, self._value = b"", b""
        self._out: list[bytes] = []
        self._parser = MultipartParser(boundary, self._callbacks())  # type: ignore[arg-type]

    @classmethod
    def of(cls, content_type: str) -> FormFile | None:
        """For a request of that type; None for one that is no form."""
        kind, options = parse_options_header(content_type)
        boundary = options.get(b"boundary")
        return cls(boundary) if kind == b"multipart/form-data" and boundary else None

    def feed(self, chunk: bytes) -> bytes:
        """The bytes of the file that are in the next bytes of the form. Raises FileError."""
        self._out = []
        try:
            self._parser.write(chunk)
        except ValueError:
            remedy = "Send it as multipart/form-data, or as the body of a PUT."
            raise FileError("Reading an upload", "the form is malformed", remedy) from None
        return b"".join(self._out)

    def _callbacks(self) -> dict[str, Callable[..., Any]]:
        return {
            "on_header_field": self._on_field,
            "on_header_value": self._on_value,
            "on_header_end": self._on_header_end,
            "on_part_data": self._on_data,
            "on_part_end": self._on_part_end,
        }

    def _on_field(self, data: bytes, start: int, end: int) -> None:
        self._field += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _on_header_end(self) -> None:
        if self._field.lower() == b"content-disposition" and not self.complete:
            _, options = parse_options_header(self._value)
            self._taking = b"filename" in options
        self._field, self._value = b"", b""

    def _on_data(self, data: bytes, start: int, end: int) -> None:
        if self._taking:
            self._out.append(bytes(data[start:end]))

    def _on_part_end(self) -> None:
        self.complete = self.complete or self._taking
        self._taking = False

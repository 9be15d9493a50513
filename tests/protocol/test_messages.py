"""Headers that are built here pass the check, others do not; see also the vectors of frames."""

from __future__ import annotations

import pytest

from imjoy.errors import ProtocolError
from imjoy.protocol import messages

A, B, ID = "a" * 32, "b" * 32, "0" * 32


@pytest.mark.parametrize(
    "header",
    [
        messages.call(ID, A, B, "run"),
        messages.call(ID, A, B, "run", kwargs=True),
        messages.result(ID, A, B),
        messages.error(ID, A, B),
        messages.cancel(ID, A, B),
        messages.release(A, B, {"fn": 1}),
        messages.gone(A, B, A, "reason"),
    ],
)
def test_built_headers_are_accepted(header):
    assert messages.check_header(header) is header


def test_only_true_flags_are_written():
    assert "kwargs" not in messages.call(ID, A, B, "run")
    assert messages.call(ID, A, B, "run", kwargs=True)["kwargs"] is True


def test_dict_subclasses_and_objects_are_no_headers():
    class Fake(dict):
        pass

    for header in (Fake(messages.result(ID, A, B)), object()):
        with pytest.raises(ProtocolError):
            messages.check_header(header)


def test_every_error_code_has_an_explanation():
    assert all(text.endswith(".") for text in messages.ERRORS.values())
    assert messages.LIMITS["depth"] == 64

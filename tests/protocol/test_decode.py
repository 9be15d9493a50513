"""What arrives is data, and safe to use."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from imjoy.errors import ProtocolError
from imjoy.protocol import decode as module
from imjoy.protocol.values import Blob, Codec, CodecRegistry, ValueContext, decode

CONTEXT = ValueContext()


def test_arrays_may_be_written_whatever_they_arrive_in():
    body = '{"$":"ndarray","d":"<u2","s":[2],"b":0}'
    for buffer in (b"\1\0\2\0", bytearray(b"\1\0\2\0"), memoryview(b"\1\0\2\0")):
        array = decode(body, [buffer], CONTEXT)
        array += 1
        assert array.tolist() == [2, 3]
        assert bytes(buffer) in (b"\1\0\2\0", b"\2\0\3\0")


def test_large_arrays_are_not_copied():
    buffer = bytearray(1 << 20)
    array = decode('{"$":"typedarray","d":"|u1","b":0}', [buffer], CONTEXT)
    array[5] = 7
    assert buffer[5] == 7


def test_arrays_do_not_depend_on_the_place_of_their_bytes():
    whole = bytearray(b"x" + np.arange(3, dtype="<f8").tobytes())
    body = '{"$":"typedarray","d":"<f8","b":0}'
    assert decode(body, [memoryview(whole)[1:]], CONTEXT).tolist() == [0, 1, 2]


def test_blobs_are_files_in_memory():
    blob = decode('{"$":"blob","b":0,"m":"a/b","n":"n","t":5}', [b"xyz"], CONTEXT)
    assert isinstance(blob, Blob)
    assert (blob.read(), blob.type, blob.name, blob.last_modified) == (b"xyz", "a/b", "n", 5)


def test_objects_are_made_by_the_context():
    class Attributes(dict):
        __getattr__ = dict.__getitem__

    context = ValueContext()
    context.mapping = Attributes
    value = decode('{"a":[{"b":{"$":"dict","v":[["$",1]]}}]}', [], context)
    assert value.a[0].b == {"$": 1}
    assert type(value.a[0].b) is Attributes


def test_keys_of_maps_that_python_cannot_hash():
    assert decode('{"$":"map","v":[[[1,[2]],0]]}', [], CONTEXT) == {(1, (2,)): 0}
    assert decode('{"$":"set","v":[[1],{"$":"set","v":[2]}]}', [], CONTEXT) == {
        (1,),
        frozenset([2]),
    }
    for body in ('{"$":"map","v":[[{},0]]}', '{"$":"set","v":[[{}]]}'):
        with pytest.raises(ProtocolError, match="cannot be a key"):
            decode(body, [], CONTEXT)


def test_a_date_that_python_does_not_have_is_refused():
    for ms in (253402300800000, -62135596800001):
        with pytest.raises(ProtocolError, match="years 1 to 9999"):
            decode(f'{{"$":"date","v":{ms}}}', [], CONTEXT)


def test_dotted_and_dunder_keys_stay_keys():
    body = '{"__class__":1,"a.b":2,"__reduce__":{"$":"dict","v":[["$",1]]}}'
    assert decode(body, [], CONTEXT) == {"__class__": 1, "a.b": 2, "__reduce__": {"$": 1}}


def test_references_need_a_context_that_knows_them():
    with pytest.raises(TypeError):
        decode('{"$":"ref","p":"%s","t":"x"}' % ("a" * 32), [], CONTEXT)


def test_codecs_translate_back_by_name():
    context = ValueContext()
    context.codecs = CodecRegistry()
    context.codecs.register(Codec("twice", decoder=lambda value: value * 2))
    assert decode(
        '[{"$":"codec","n":"twice","v":4},{"$":"codec","n":"no","v":4}]', [], context
    ) == [8, 4]


def test_numbers_of_endless_digits_are_refused_on_old_pythons_too(monkeypatch):
    assert module._short_int("12") == 12
    with pytest.raises(ValueError, match="digits"):
        module._short_int("1" * 5000)
    with pytest.raises(ProtocolError):
        decode("1" * 5000, [], CONTEXT)


def test_the_short_way_and_the_long_way_give_the_same():
    for body in ('[1,{"a":[null,"x"]}]', "7", '"text"', "[]", "{}"):
        assert module._is_harmless(body)
        decoder = module.Decoder([], CONTEXT)
        assert decoder.value(decode(body, [], CONTEXT), 1) == decode(body, [], CONTEXT)
    assert not module._is_harmless('{"\\u0024":"int"}')


def test_decoding_in_a_deep_stack_gives_an_error_of_ours():
    body = "[" * 60 + "]" * 60

    def dive(levels: int):
        return dive(levels - 1) if levels else decode(body, [], CONTEXT)

    limit = sys.getrecursionlimit()
    codes = set()
    for levels in range(limit - 300, limit - 20, 5):
        try:
            dive(levels)
        except ProtocolError as error:
            codes.add(error.code)
        except RecursionError:
            break
    assert codes <= {"protocol.too_deep"}

"""The Python text that stands after a module in its plugin file and joins it to the workbench."""

from __future__ import annotations

# Runs in the plugin's own Python, which may be an old one, and needs nothing but the module.
GLUE = '''
import ast as _imjoy_ast
import inspect as _imjoy_inspect

_imjoy_literal = _imjoy_ast.literal_eval


def _imjoy_either(value):
    """A number or the like where the text is one, and the text itself where it is none."""
    try:
        return _imjoy_literal(value)
    except (ValueError, SyntaxError):
        return value


def _imjoy_collected(kind):
    """A list or the like out of JSON, or of a text as Python writes it."""
    return lambda value: kind(_imjoy_literal(value) if isinstance(value, str) else value)


_imjoy_table = @TABLE@
_imjoy_converters = @CONVERTERS@


def _imjoy_inputs(name, ctx):
    """The arguments of a function from the open image and the answers of the form."""
    data, answers = ctx["data"], ctx["config"] or {}
    facts, found = _imjoy_table[name], {}
    is_image = isinstance(data, dict) and "image" in data
    for key, kind, may_be_none in facts["inputs"]:
        if kind in ("image", "labels"):
            value = data.get("labels" if kind == "labels" else "image") if is_image else data
            if value is not None and not (isinstance(value, dict) and not value):
                found[key] = value
            elif key in facts["required"]:
                what = "labels" if kind == "labels" else "an image"
                raise ValueError("This needs {}: open it, click on its window and run again.".format(what))
        elif kind == "axes":
            found[key] = data.get("axes", "") if is_image else ""
        elif key in answers:
            is_empty = answers[key] is None or answers[key] == ""
            if is_empty and may_be_none:
                found[key] = None
            elif not is_empty or key in facts["required"]:
                found[key] = _imjoy_converted(name, key, answers[key])
    return found


def _imjoy_converted(name, key, value):
    convert = _imjoy_converters.get((name, key))
    if convert is None:
        return value
    try:
        return convert(value)
    except Exception as error:
        raise ValueError("The field {} of {} cannot be {!r}: {}.".format(
            key, _imjoy_table[name]["title"], value, str(error).rstrip("."))) from None


def _imjoy_shown(name, result, ctx, gives):
    """What the workbench shows for a result."""
    data = ctx["data"] if isinstance(ctx["data"], dict) else {}
    title = "{}, {}".format(data.get("name") or "", _imjoy_table[name]["title"]).strip(", ")
    if hasattr(result, "to_dict") and hasattr(result, "columns"):
        result, gives = result.to_dict("records"), "table"
    shape = getattr(result, "shape", ())
    if len(shape) < 2 or gives in ("value", "table"):
        if hasattr(result, "tolist"):
            result = result.tolist()
        return {"type": "imjoy/generic", "name": title, "data": result} if gives == "table" else result
    same = getattr(data.get("image"), "shape", None)
    axes = data.get("axes") or ""
    if gives == "labels" and same is not None:
        return {"type": "imjoy/image", "name": title,
                "data": {"image": data["image"], "axes": axes, "labels": result}}
    shown = {"image": result}
    if axes and len(axes) == len(shape):
        shown["axes"] = axes
    elif axes and len(axes) == len(shape) + 1 and axes[0] in "CTZ":
        shown["axes"] = axes[1:]
    return {"type": "imjoy/image", "name": title, "data": shown}


def _imjoy_operation(name):
    function, facts = globals()[name], _imjoy_table[name]

    async def run(ctx):
        result = function(**_imjoy_inputs(name, ctx))
        if _imjoy_inspect.isawaitable(result):
            result = await result
        if not isinstance(result, tuple):
            return _imjoy_shown(name, result, ctx, facts["gives"])
        for part in result[1:]:
            shown = _imjoy_shown(name, part, ctx, "")
            if not (isinstance(shown, dict) and shown.get("type")):
                shown = {"type": "imjoy/generic", "name": facts["title"], "data": shown}
            await api.create_window(shown)
        return _imjoy_shown(name, result[0], ctx, facts["gives"]) if result else None

    return run


def _imjoy_plugin():
    main = @MAIN@
    plugin = {name: globals()[name] for name in _imjoy_table if name not in ("run", "setup")}

    async def setup():
        for name, facts in _imjoy_table.items():
            if name != main:
                await api.register(
                    {"type": "operator", "name": facts["title"], "ui": facts["ui"], "run": _imjoy_operation(name)}
                )

    plugin["setup"], plugin["run"] = setup, _imjoy_operation(main)
    return plugin


api.export(_imjoy_plugin())
'''

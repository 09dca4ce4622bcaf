"""What is defined in front of every jq expression: it sees its row and nothing more, and NaN goes nowhere in it."""

# an expression comes from a params file that may be somebody else's; local times depend on the machine's zone
_CLOSED = ("env", "input", "inputs", "now", "modulemeta", "get_search_list", "localtime", "strflocaltime(f)", "nan")
# these make NaN of numbers, or of texts such as "nan". In jq that is a number, below all others, and null in the end
_PARTIAL = (
    *("tonumber", "log", "log2", "log10", "log1p", "logb", "sqrt", "gamma", "lgamma", "tgamma"),
    *("acos", "acosh", "asin", "atanh", "y0", "y1", "pow(a; b)", "fmod(a; b)", "drem(a; b)"),
)
# infinite less infinite is NaN, and NaN equals nothing
_FINITE = (
    'def _finite(name): if type != "number" or . - . == 0 then . else error("\\(name) yields no finite number") end; '
    'def numbers: select(type == "number" and . - . == 0); '
    'def _its_fromjson: fromjson; def fromjson: _its_fromjson | (.. | _finite("fromjson") | empty), .; '
)
# %s is of the machine's zone, both ways
_DATES = "".join(
    f"def _its_{function}(f): {function}(f); def {function}(f): f as $form | "
    'if ($form | type) == "string" and ($form | split("%%") | any(test("%[-_0^#+EO0-9]*s"))) '
    f'then error("%s of {function} is closed here, as it follows TZ: take mktime or gmtime") '
    f"else _its_{function}($form) end; "
    for function in ("strftime", "strptime")
)


def _name(function: str) -> str:
    return function.partition("(")[0]


def _closed(function: str) -> str:
    return f'def {function}: error("{_name(function)} is closed here"); '


def _finite(function: str) -> str:
    # inside its own definition a name would mean itself
    return f'def _its_{function}: {function}; def {function}: _its_{function} | _finite("{_name(function)}"); '


PRELUDE = f"{_FINITE}{_DATES}{''.join(map(_finite, _PARTIAL))}{''.join(map(_closed, _CLOSED))}{{}} as $ENV | "

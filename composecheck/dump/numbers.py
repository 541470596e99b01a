"""Floating-point numbers as Go writes them: with as few digits as name this very number."""

from __future__ import annotations

import struct
import sys

_LARGEST = sys.float_info.max
_LARGEST_SINGLE = (2 - 2**-23) * 2.0**127


class Single(float):
    """A number in single precision, which is how Compose keeps processors and ratios."""

    __slots__ = ()


def yaml_number(value: float) -> str:
    """Return a number for YAML; from a million on it has an exponent."""
    digits, power = _shortest(value)
    if digits is None:
        return ".nan" if power else ".inf" if value > 0 else "-.inf"
    if -4 <= power < 6:
        return _sign(value) + _fixed(digits, power)
    return f"{_sign(value)}{_mantissa(digits)}e{power:+03d}"


def json_number(value: float) -> str:
    """Return a number for JSON, which has an exponent only where the zeros would be many."""
    digits, power = _shortest(value)
    if digits is None:
        return "null"  # what is not finite JSON cannot say
    if value == 0 or -6 <= power < 21:
        return _sign(value) + _fixed(digits, power)
    return f"{_sign(value)}{_mantissa(digits)}e{'-' if power < 0 else '+'}{abs(power)}"


def _shortest(value: float) -> tuple[str | None, int]:
    """Return the digits and the power of ten of the first of them; (None, whether it is none) else."""
    if value != value:  # noqa: PLR0124 - what is not a number equals nothing
        return None, 1
    number = abs(value)
    if number > (_LARGEST_SINGLE if isinstance(value, Single) else _LARGEST):
        return None, 0
    if isinstance(value, Single):
        stored = struct.pack("f", number)
        texts = (f"{number:.{digits}e}" for digits in range(9))
        text = next((text for text in texts if struct.pack("f", float(text)) == stored), f"{number:.8e}")
    else:
        texts = (f"{number:.{digits}e}" for digits in range(17))
        text = next((text for text in texts if float(text) == number), f"{number:.16e}")
    mantissa, _, power = text.partition("e")
    return mantissa.replace(".", ""), int(power)


def _sign(value: float) -> str:
    return "-" if str(value)[0] == "-" else ""


def _mantissa(digits: str) -> str:
    return digits[0] + (f".{digits[1:]}" if len(digits) > 1 else "")


def _fixed(digits: str, power: int) -> str:
    if power < 0:
        return f"0.{'0' * (-power - 1)}{digits}"
    digits = digits.ljust(power + 1, "0")
    return digits[: power + 1] + (f".{digits[power + 1 :]}" if len(digits) > power + 1 else "")

"""Docker Compose itself, the reference: what each of its generations answers, recorded or asked for.

An answer that needs no engine follows from the release, the arguments, the environment, the standard
input and the files below a folder. `Compose.run` looks it up by a hash of these below `answers/`, a file
of lines for each release and test module, and starts the binary only for what is not recorded there.

`pytest --record` writes what is missing and drops what is no longer asked for;
`python -m tests.reference verify` asks the binaries for everything that is recorded.
"""

from .compose import GENERATIONS, MACHINE, Answer, Compose, binary, hashed_elsewhere, missing

__all__ = ["GENERATIONS", "MACHINE", "Answer", "Compose", "binary", "hashed_elsewhere", "missing"]

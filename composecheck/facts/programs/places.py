"""Where in a program's text something is done: at its start or on a request, once or time and again.

No language is read as such: what encloses a line is told by how far lines are indented, and who calls a
function by its name.
"""

from __future__ import annotations

import re

from composecheck.named import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.facts.programs.reading import Text

# What says that somebody goes on trying, and a loop with a pause.
_AGAIN = (
    r"(?i)retr(?:y|ies|ied)|re[-_]try|attempt|back[-_]?off|tenacity|reconnect|\btries\b|\bpolly\b"
    r"|wait[-_]?for[-_]?(?:db|database|postgres|mysql|redis|rabbit|kafka|service|connection|ready)"
)
_LOOP = r"\bwhile\b|\bfor\b|\bloop\b|\bdo \{|\buntil\b|setInterval"
_PAUSE = r"(?i)sleep|settimeout|\bdelay|time\.after|setinterval"
_TIMER = r"setTimeout|setInterval"
_BEFORE, _BEHIND = 14, 18
_AROUND_CALLER = 8
_CAUGHT_WITHIN = 12
# What leaves the program, or hands the failure on.
_LEAVES = (
    r"(?i)exit\(|\bthrow\b|\braise\b|panic\(|fatal|return .{0,60}\berr\b|return nil, |abort\("
    r"|unwrap\(|expect\("
)
_CATCHES = r"\bcatch\b|\bexcept\b|\brescue\b|err != nil|\bif let Err"
_KEYWORDS = (
    r"(?!(?:if|for|while|switch|catch|return|else|await|with|using|elif|match|new|foreach|defer|go|yield|do|try)"
    r"\b)"
)
_MODIFIERS = r"(?:public|private|protected|internal|static|async|override|final|virtual|suspend|readonly)\s+"
_METHOD = (
    rf"(?:[\w<>\[\],.?]+\s+)?{_KEYWORDS}(\w+)(?:<[^<>()]*>)?\s*\([^;{{}}]*\)"
    r"\s*(?::\s*[\w<>\[\]|. ]+)?(?:throws [\w, ]+)?\s*"
)
_FUNCTION = (
    r"\s*(?:export\s+)?(?:default\s+)?(?:pub(?:\(\w+\))?\s+)?(?:async\s+)?"
    r"(?:def|function\*?|func(?:\s*\([^)]*\))?|fn|fun)\s+(?:self\.)?(\w+)"
    r"|\s*(?:export\s+)?(?:const|let|var)\s+(\w+)\s*(?::[^=]+)?=\s*(?:async\s*)?"
    r"(?:function\b|\([^)]*\)\s*(?::[^=]+)?=>|\w+\s*=>)"
    rf"|\s*{_KEYWORDS}(?!.*\bfunction\b)(?:(?:{_MODIFIERS})+{_METHOD}\{{?|{_METHOD}\{{)\s*$"
)
_CLASS = r"\s*(?:export\s+)?(?:default\s+)?(?:public\s+|abstract\s+|final\s+)*class\s+(\w+)"
_SETS = r"[^(=]*=[^=>]"
_HOLDS = r"\s*(?:\w+ ){0,4}(?:class|interface|struct|record|trait) \w"
# What is done on somebody's request, and what as the program starts, by what stands around it.
_REQUEST = (
    r"@\w*(?:app|router|bp|blueprint|api|server|route|ns)\w*"
    r"\.(?:route|get|post|put|patch|delete|websocket|middleware|before_request|cli)"
    r"|@(?:Get|Post|Put|Patch|Delete|Request)(?:Mapping)?\b|\[Http\w+"
    r"|@(?:\w+\.)?(?:task|shared_task|command|tool|cli\.command|login_required)\b"
    r"|\.(?:get|post|put|patch|delete|all)\(\s*['\"`/]|\breq(?:uest)?\b\s*[,:]\s*|http\.ResponseWriter"
    r"|gin\.Context|echo\.Context|fiber\.Ctx|Depends\(|HttpServletRequest|HttpContext"
    r"|\bcontext\.Context, req\b"
)
_AT_START = (
    r"on_event\(|startup|lifespan|PostConstruct|EventListener|@Bean|before_first_request|before_serving"
)
_STARTS = frozenset(
    """main init start startup bootstrap run serve lifespan create_app createApp onModuleInit
    onApplicationBootstrap Main ConfigureServices Configure StartAsync ExecuteAsync onStart afterPropertiesSet
    startServer start_server on_startup startup_event ready application up setup handle""".split()  # noqa: SIM905 - words
)
_MAKERS = frozenset(("__init__", "constructor", "initialize", "__new__", "new"))
_NO_CALL = r"\s*(?:import|from|export \{|use |class |module\.exports|exports\.|#|//|\*)|.*\brequire\("
_LOOKS = r"(?i)health|ready|readiness|alive|liveness|status|diagnos|check_?(?:db|conn|data)"
_DEEPEST = 4
_MOST_CALLERS = 12


class Place(NamedTuple):
    """A line of a program's text, counted from 0."""

    text: Text
    line: int


class Places:
    """Lines of one program, and what can be told of them; each text is taken apart once."""

    def __init__(self, texts: Sequence[Text]) -> None:
        self._texts = texts
        self._split: dict[str, list[str]] = {}
        self._found: dict[str, tuple[Place, ...]] = {}
        self._started: dict[str, bool | None] = {}

    def at(self, text: Text, offset: int) -> Place:
        """Return the place at an offset of a text."""
        return Place(text, text.text.count("\n", 0, offset))

    def line(self, place: Place) -> str:
        """Return the line itself."""
        return self._lines(place.text)[place.line]

    def is_tried_again(self, place: Place) -> bool:
        """Return whether what is done there is done again where it fails: by a loop, or by whoever calls."""
        if self._repeats(place, _BEFORE, _BEHIND):
            return True
        function = self._function(place)
        name = self._name(place.text, function) if function is not None else None
        if name is None or name in _STARTS or name in _MAKERS:
            return False
        return any(self._repeats(each, _AROUND_CALLER, _AROUND_CALLER) for each in self._calls(name))

    def is_at_start(self, place: Place, depth: int = 0) -> bool | None:
        """Return whether it is done as the program starts; None where nothing tells."""
        lines = self._lines(place.text)
        function = self._function(place)
        if function is None:
            around = [lines[each] for each in self._around(place)]
            if any(re.search(_REQUEST, line) for line in around):
                return False
            # What a class holds is not done where it stands, but in Python and Ruby, and to set a field.
            declares = any(re.match(_HOLDS, line) for line in around) and not re.match(_SETS, around[0])
            return None if declares and not place.text.path.endswith((".py", ".rb")) else True
        above = "\n".join(lines[each] for each in self._around(place) if each >= function)
        decorators = "\n".join(self._decorators(place.text, function))
        if re.search(_AT_START, decorators):
            return True
        name = self._name(place.text, function)
        if re.search(_REQUEST, f"{decorators}\n{above}") or (name and re.search(_LOOKS, name)):
            return False
        if name is None or name in _STARTS:
            return True
        if name in _MAKERS:
            name = self._class_of(Place(place.text, function)) or name
        return self._is_called_at_start(name, depth)

    def goes_on(self, place: Place) -> bool:
        """Return whether a failure there is caught, and only told."""
        lines = self._lines(place.text)
        for number in range(place.line, min(place.line + _CAUGHT_WITHIN, len(lines))):
            caught = re.search(_CATCHES, lines[number])
            if caught is not None:
                block = "\n".join((lines[number][caught.start() :], *_block(lines, number)))
                return re.search(_LEAVES, block) is None
        return False

    def _is_called_at_start(self, name: str, depth: int) -> bool | None:
        if depth >= _DEEPEST:
            return None
        if name not in self._started:
            self._started[name] = None  # what calls itself
            answers = {self.is_at_start(each, depth + 1) for each in self._calls(name)[:_MOST_CALLERS]}
            self._started[name] = True if True in answers else False if False in answers else None
        return self._started[name]

    def _calls(self, name: str) -> tuple[Place, ...]:
        """Return the places that call a function by its name, or hand it on."""
        if name not in self._found:
            pattern = re.compile(rf"\b{re.escape(name)}\b(?=\s*[(,);:!]|\s*$)", re.MULTILINE)
            found: list[Place] = []
            for text in self._texts:
                if name in text.text:
                    found += (self.at(text, match.start()) for match in pattern.finditer(text.text))
                if len(found) > 4 * _MOST_CALLERS:
                    break
            self._found[name] = tuple(found)
        return tuple(each for each in self._found[name] if not self._defines(each, name))

    def _defines(self, place: Place, name: str) -> bool:
        line = self.line(place)
        match = re.match(_FUNCTION, line)
        if match is not None and name in match.groups():
            return True
        return re.match(_NO_CALL, line) is not None

    def _repeats(self, place: Place, before: int, behind: int) -> bool:
        """Return whether what is near a place says so, or a loop with a pause, or a timer, does it again."""
        lines = self._lines(place.text)
        window = "\n".join(lines[max(place.line - before, 0) : place.line + behind])
        if re.search(_AGAIN, window) is not None:
            return True
        if re.search(_PAUSE, window) is None:
            return False
        around = (lines[each] for each in self._around(place))
        return any(re.search(_LOOP, line) for line in around) or (
            re.search(_TIMER, window) is not None and re.search(_CATCHES, window) is not None
        )

    def _function(self, place: Place) -> int | None:
        """Return the line at which the function begins that a place lies in, None where it lies in none."""
        lines = self._lines(place.text)
        return next((each for each in self._around(place) if re.match(_FUNCTION, lines[each])), None)

    def _around(self, place: Place) -> Iterator[int]:
        """Yield the lines that enclose a place, itself first: each is indented less than the one before."""
        lines = self._lines(place.text)
        at, depth = place.line, _depth(lines[place.line])
        yield at
        while at > 0 and depth > 0:
            at -= 1
            line = lines[at]
            word = line.strip()
            if word and _depth(line) < depth and not word.startswith(("{", "}", ")", "]", "#", "//")):
                depth = _depth(line)
                yield at

    def _decorators(self, text: Text, line: int) -> Iterator[str]:
        lines = self._lines(text)
        for above in range(line - 1, max(line - 6, -1), -1):
            word = lines[above].strip()
            if not word.startswith(("@", "[", ")")):
                break
            yield word

    def _name(self, text: Text, line: int) -> str | None:
        match = re.match(_FUNCTION, self._lines(text)[line])
        return next(filter(None, match.groups()), None) if match is not None else None

    def _class_of(self, place: Place) -> str | None:
        lines = self._lines(place.text)
        matches = (re.match(_CLASS, lines[each]) for each in self._around(place))
        return next((match[1] for match in matches if match is not None), None)

    def _lines(self, text: Text) -> list[str]:
        if text.path not in self._split:
            self._split[text.path] = text.text.split("\n")
        return self._split[text.path]


def tries_again(text: str) -> bool:
    """Return whether a text catches what fails, and tries it again after a pause."""
    return re.search(_AGAIN, text) is not None or all(
        re.search(each, text) is not None for each in (_LOOP, _PAUSE, _CATCHES)
    )


def _block(lines: Sequence[str], start: int) -> Iterator[str]:
    """Yield the lines behind one that are indented deeper than it."""
    for line in lines[start + 1 :]:
        if line.strip() and _depth(line) <= _depth(lines[start]):
            return
        yield line


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())

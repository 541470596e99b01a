"""To follow a script costs in proportion to its length: steps are counted, since time depends on machines."""

import pytest

from composecheck.facts.commands.hosts import Hosts
from composecheck.facts.commands.shell import read
from composecheck.facts.commands.waits import waits_for

from ...checks.steps import steps_of

SHAPES = {
    "commands": "run {n} --db x\n",
    "lists": "a{n} && b || c; ",
    "loops": "until nc -z h{n} 1; do sleep 1; done\n",
    "counted": "for i in 1 2 3; do nc -z h{n} 1 && break; sleep 1; done\n",
    "functions": "f{n}() {{ run; }}\nf{n}\n",
    "calls": "f() {{ nc -z $1 1; }}\nf h{n}\n",
    "branches": "if [ $A ]; then a; else b; fi\n",
    "cases": "case $1 in a) b;; c) d;; esac\n",
    "words": "A=$A{n} run $A\n",
    "here-documents": "cat <<E{n}\ntext\nE{n}\n",
    "wrappers": "./wait-for-it.sh h{n}:1\n",
}


@pytest.mark.parametrize("shape", SHAPES)
def test_script_costs_what_its_length_is(shape):
    def cost(size):
        text = "".join(SHAPES[shape].format(n=n) for n in range(size))

        def work():
            read.cache_clear()
            return waits_for(Hosts(["db"]), ["sh", "-c", text], {})

        return steps_of(work)[0]

    cost(10)  # what only the first one costs
    small, large = cost(60), cost(240)
    assert large < 5 * small

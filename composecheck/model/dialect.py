"""Where the generations of Docker Compose read a file otherwise: each difference stands here, once.

2.40 (compose-go 2.9.1) is the last of version 2; 5 is what followed it, with no 3 or 4 between. What
5 does is what its release 5.6.1 does. The loader asks a Dialect, and tells a
user of each difference that it meets.
"""

from __future__ import annotations

from composecheck.named import NamedTuple


class Dialect(NamedTuple):
    """How one generation of Docker Compose reads a project; what the fields mean is in DIFFERENCES."""

    name: str
    casts_depends_on: bool = True
    creates_host_path: bool = True
    dates_are_texts: bool = True
    include_first: bool = True
    include_merges: bool = True
    ipam_options: bool = True
    keeps_label_files: bool = True
    lazy_defaults: bool = True
    negative_sizes: bool = True
    no_cache_filter: bool = True
    omits_true_host_path: bool = True
    parts_services: bool = True
    pre_start: bool = True
    question_marks: bool = True
    quotes_old_words_singly: bool = True


COMPOSE_5 = Dialect("5")
COMPOSE_2 = Dialect(
    "2.40",
    casts_depends_on=False,
    creates_host_path=False,
    dates_are_texts=False,
    include_first=False,
    include_merges=False,
    ipam_options=False,
    keeps_label_files=False,
    lazy_defaults=False,
    negative_sizes=False,
    no_cache_filter=False,
    omits_true_host_path=False,
    parts_services=False,
    pre_start=False,
    question_marks=False,
    quotes_old_words_singly=False,
)
DIALECTS = {dialect.name: dialect for dialect in (COMPOSE_2, COMPOSE_5)}


class Difference(NamedTuple):
    """One thing that the generations read otherwise: what each does, and the release that changed it."""

    old: str
    new: str
    since: str
    remedy: str


DIFFERENCES = {
    "casts_depends_on": Difference(
        "refuses a text for 'required' and 'restart' in 'depends_on'",
        "reads it as true or false",
        "5.0.0",
        "write true or false, without a variable or quotes",
    ),
    "creates_host_path": Difference(
        "does not make the missing source of a long bind mount that has 'bind' without 'create_host_path'",
        "makes it",
        "5.0.2",
        "say 'create_host_path' in 'bind'",
    ),
    "dates_are_texts": Difference(
        "refuses a date without quotes",
        "makes '2024-01-01 00:00:00 +0000 UTC' and the like of it as a label or a variable",
        "5.0.0",
        "put it in quotes",
    ),
    "include_first": Difference(
        "extends services before it includes files, and so does not find this one",
        "includes first",
        "5.1.4",
        "name the included file in 'extends': '{file: ..., service: ...}'",
    ),
    "include_merges": Difference(
        "refuses what both an included file and this project define",
        "merges the two, this project's over the included one",
        "5.0.0",
        "give one of them another name, or add the change as a second path of the 'include'",
    ),
    "ipam_options": Difference("drops 'ipam.options'", "keeps them", "5.2.0", ""),
    "keeps_label_files": Difference(
        "prints and hashes the labels of a 'label_file' alone",
        "hashes 'label_file' too, and prints it since 5.4.0",
        "5.0.0",
        "",
    ),
    "lazy_defaults": Difference(
        "evaluates the text after ':-', ':+' or ':?' even where it is not used, and fails here",
        "evaluates it only where it is used",
        "5.0.2",
        "set the variable in it as well, or give it a default",
    ),
    "negative_sizes": Difference(
        "refuses a negative size that is a text", "takes it", "5.1.4", "write it without quotes"
    ),
    "no_cache_filter": Difference(
        "does not know 'build.no_cache_filter' and refuses the file", "takes it", "5.0.0", ""
    ),
    "omits_true_host_path": Difference(
        "prints and hashes 'create_host_path: true', and leaves out false",
        "leaves out true, so that the hash of a service with a bind mount is another one",
        "5.0.0",
        "",
    ),
    "parts_services": Difference(
        "prints the keys of a service in one order",
        "prints those that any container may have between those that only a service has",
        "5.6.0",
        "",
    ),
    "pre_start": Difference(
        "does not know 'pre_start' and refuses the file",
        "runs it before the service starts",
        "5.3.0",
        "use a service of its own and 'service_completed_successfully'",
    ),
    "question_marks": Difference(
        "refuses a text without quotes between brackets that has a '?'",
        "takes it",
        "5.0.0",
        "put it in quotes",
    ),
    "quotes_old_words_singly": Difference(
        'prints a word that YAML 1.1 knew, such as "no", in double quotes',
        "prints it in single ones",
        "5.0.0",
        "",
    ),
    # Told, and read as 5 does in both: what 2.40 does at times, nobody can mean.
    "tags_in_extends": Difference(
        "honours '!override' and '!reset' through 'extends' only at times",
        "honours them",
        "5.0.0",
        "write the attribute out where it is not to be inherited",
    ),
}

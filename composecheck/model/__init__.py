"""The resolved model of a Compose project, and what differs between the generations of Compose.

Whatever a file may say is an attribute: of a Service, of what it is made of (Build, Deploy, Port, Mount,
Attachment, Dependency ...), of a Network, Volume, Secret, Config or Model. The class statements in `service`
and `resources` list them in Compose's own order, one line a key:

    service.read_only                       # False, where nobody says it
    service.stop_grace_period               # 90.0: times in seconds, sizes in bytes
    service.build.additional_contexts       # a mapping of texts; `build` is None without one
    service.deploy.resources.limits.memory  # `resources` is there in any case, `limits` is not
    service.networks["back"].ipv4_address
    project.networks["back"].ipam.config[0].gateway

A text that nobody says is None, a list (), a mapping {}, a number 0 and a flag False; where Compose
itself tells "0" or "false" from silence (`init`, `scale`, `start_period`) it is None. A value of a wrong type
counts as not said: it has its own finding.

Where a value stands, any Part says by a path of keys and positions below it:

    service.says("read_only")               # whether somebody wrote it: nobody wrote a default
    service.place("expose", 2)              # the Span of the value, or of the nearest thing above it
    service.key_place("deploy", "replicas") # the Span of its key
    service.place()                         # the whole mapping; `key_place()` is the service's name
    service.entries("links")                # ("db:database", Span) of each text in a list
    service.origin("environment", "KEY")    # the Origin: by which anchor or env file it came here
    network.ipam.config[0].place("gateway")
    service.words()                         # the keys that are there, known or not

Some attributes make more of a key than Compose holds: `restart` is the policy that counts, `ports` are
those that can be read, `port.published` is a range; `as_held("restart")` gives what Compose holds. `items()`
goes through all that is said: the dump, the config hash and the engine's request are made from these
same values. `replace(**values)` is a copy that says something else. What nobody asks for is never read.

Nodes are for loading, the dump and the edits; `node` is their way to them, and nobody else's.
"""

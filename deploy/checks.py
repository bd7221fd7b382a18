"""What deploy/check asks that no tool answers by itself; run with the tools' own Python.

python deploy/checks.py dashboard FILE   Grafana's model of a dashboard knows every field of it
python deploy/checks.py queries FILE     write the dashboard's queries as rules, for promtool to read
python deploy/checks.py pods FILE        every pod of rendered manifests is within the restricted standard
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any


def dashboard(file: Path) -> list[str]:
    """Return the fields that are lost on the way through Grafana's model, and come back changed."""
    from grafana_foundation_sdk.cog.encoder import JSONEncoder
    from grafana_foundation_sdk.cog.plugins import register_default_plugins
    from grafana_foundation_sdk.models.dashboard import Dashboard

    register_default_plugins()
    given = json.loads(file.read_bytes())
    return list(_lost(given, json.loads(JSONEncoder().encode(Dashboard.from_json(given)))))


def _lost(given: Any, kept: Any, at: str = "") -> Iterator[str]:
    if isinstance(given, dict) and isinstance(kept, dict):
        for key, value in given.items():
            if key in kept:
                yield from _lost(value, kept[key], f"{at}/{key}")
            else:
                yield f"{at}/{key}: no such field"
    elif isinstance(given, list) and isinstance(kept, list) and len(given) == len(kept):
        for number, (one, other) in enumerate(zip(given, kept, strict=True)):
            yield from _lost(one, other, f"{at}/{number}")
    elif given != kept:
        yield f"{at}: {given!r} is read as {kept!r}"


def queries(file: Path) -> list[str]:
    """Write each query as a recording rule, with something in the place of the dashboard's variables."""
    panels = json.loads(file.read_bytes())["panels"]
    asked = [target["expr"] for panel in panels for target in panel.get("targets", ())]
    rules = [
        {"record": f"query:{n}", "expr": expr.replace("$__rate_interval", "5m")}
        for n, expr in enumerate(asked)
    ]
    # JSON is YAML.
    sys.stdout.write(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
    return [] if rules else ["There is no query."]


def pods(file: Path) -> list[str]:
    """Return what a pod lacks of the restricted pod security standard, and of this project's own habits."""
    import yaml

    documents = list(yaml.safe_load_all(file.read_bytes()))
    templates = {
        f"{one['kind']} {one['metadata']['name']}": one["spec"]["template"]["spec"]
        for one in documents
        if "template" in one.get("spec", {})
    }
    lacking = [
        f"{name}: {what}"
        for name, pod in templates.items()
        for what, good in _asked(pod)
        if not good
    ]
    return lacking if templates else ["There is no pod."]


def _asked(pod: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    whole = pod.get("securityContext", {})
    yield "runAsNonRoot", whole.get("runAsNonRoot") is True
    yield "runAsUser", whole.get("runAsUser", 0) > 0
    yield "seccompProfile", whole.get("seccompProfile") == {"type": "RuntimeDefault"}
    yield "automountServiceAccountToken", pod.get("automountServiceAccountToken") is False
    yield "serviceAccountName", pod.get("serviceAccountName", "default") != "default"
    yield "host namespaces", not {"hostNetwork", "hostPID", "hostIPC"} & pod.keys()
    yield "volumes", all({"emptyDir", "configMap"} & volume.keys() for volume in pod["volumes"])
    for container in pod["containers"]:
        own = container.get("securityContext", {})
        yield "allowPrivilegeEscalation", own.get("allowPrivilegeEscalation") is False
        yield "readOnlyRootFilesystem", own.get("readOnlyRootFilesystem") is True
        yield "capabilities", own.get("capabilities") == {"drop": ["ALL"]}
        yield (
            "resources",
            all(
                container.get("resources", {}).get(kind, {}).keys() == {"cpu", "memory"}
                for kind in ("requests", "limits")
            ),
        )
        stays = pod.get("restartPolicy", "Always") == "Always"
        yield (
            "probes",
            stays == ({"startupProbe", "livenessProbe", "readinessProbe"} <= container.keys()),
        )


def main() -> int:
    """Run one of the questions; 1 when the answer is not empty."""
    question, file = sys.argv[1:]
    wrong = {"dashboard": dashboard, "queries": queries, "pods": pods}[question](Path(file))
    sys.stderr.writelines(f"{line}\n" for line in wrong)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""The report of a run: report.json for programs, report.md for people, journal.jsonl as it is."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from guide.check import Check
from guide.clean import clean
from guide.events import Failed
from guide.finding import Finding
from guide.message import Message
from guide.session import Session
from guide.text import Catalogue


def write_report(session: Session, folder: Path, language: str, failed: Failed | None = None) -> Path:
    """Write all three files into `folder` (made if needed); return the path of report.md."""
    folder.mkdir(parents=True, exist_ok=True)
    catalogue = Catalogue.load(language)
    data = summary(session, catalogue, failed)
    text = json.dumps(data, indent=2, ensure_ascii=False)
    (folder / "report.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    (folder / "journal.jsonl").write_text(session.journal.text, encoding="utf-8", newline="\n")
    page = folder / "report.md"
    page.write_text("\n".join(_markdown(data, catalogue)) + "\n", encoding="utf-8", newline="\n")
    return page


def summary(session: Session, catalogue: Catalogue, failed: Failed | None = None) -> dict[str, Any]:
    """Everything that the report says, as JSON: the host, every step with state, changes and evidence."""
    host = session.host
    view = session.view
    facts = view.facts if view else None
    changes = session.journal.standing()
    return {
        "host": {
            "name": host.name,
            "address": host.address,
            "host_key": host.fingerprint,
            "practice": host.is_practice,
            "node": facts.node if facts else "",
            "pve": facts.versions.pve if facts else None,
            "kernel": facts.versions.kernel if facts else None,
            "qemu": facts.versions.qemu if facts else None,
        },
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "findings": [finding_as_json(finding, catalogue) for finding in (view.findings if view else ())],
        "steps": [
            {
                "id": step.id,
                "number": step.number,
                "title": catalogue.render(step.title),
                "state": session.states[step.id].value,
                "changes": [
                    {"id": item.change, "finished": item.finished, "at": item.at}
                    for item in changes
                    if item.step == step.id
                ],
                "evidence": [_check(check, catalogue) for check in session.evidence_of(step.id)],
            }
            for step in session.steps
        ],
        "stopped": _stop(failed, catalogue) if failed else None,
    }


def _check(check: Check, catalogue: Catalogue) -> dict[str, Any]:
    return {
        "id": check.id,
        "claim": catalogue.render(check.claim),
        "verdict": check.verdict.value,
        "found": clean(check.found),
        "command": check.command,
        "remedy": _maybe(check.remedy, catalogue),
    }


def finding_as_json(finding: Finding, catalogue: Catalogue) -> dict[str, Any]:
    """A finding in words, with its evidence and source."""
    return {
        "id": finding.id,
        "severity": finding.severity.value,
        "claim": catalogue.render(finding.claim),
        "means": catalogue.render(finding.means),
        "remedy": catalogue.render(finding.remedy),
        "evidence": [clean(line) for line in finding.evidence],
        "honesty": finding.honesty.value,
        "source": finding.source,
    }


def _stop(failed: Failed, catalogue: Catalogue) -> dict[str, Any]:
    error = catalogue.error(failed)
    return {
        "step": failed.step,
        "code": failed.code,
        "what": error.what,
        "reasons": list(error.reasons),
        "means": error.means,
        "do": error.do,
        "detail": failed.detail,
    }


def _maybe(text: Message | None, catalogue: Catalogue) -> str | None:
    return catalogue.render(text) if text else None


def _markdown(data: dict[str, Any], catalogue: Catalogue) -> list[str]:
    def word(key: str) -> str:
        return catalogue.render(Message(key))

    host = data["host"]
    lines = [f"# {word('report.title')}", "", f"{host['name']} · {host['address']} · {data['at']}", ""]
    if host["practice"]:
        lines += [f"**{word('report.practice')}**", ""]
    lines += [f"PVE {host['pve']} · Linux {host['kernel']} · QEMU {host['qemu']} · {host['host_key']}", ""]
    if data["stopped"]:
        stop = data["stopped"]
        lines += [f"## {word('report.stopped')}", "", stop["what"], ""]
        lines += [*(f"- {reason}" for reason in stop["reasons"]), "", stop["means"], "", stop["do"], ""]
        lines += [*_quoted(stop["detail"])]
    if data["findings"]:
        lines += [f"## {word('report.findings')}", ""]
    for finding in data["findings"]:
        lines += [f"### {word('severity.' + finding['severity'])}: {finding['claim']}", "", finding["means"], ""]
        lines += [finding["remedy"], "", *_quoted("\n".join(finding["evidence"])), f"({finding['source']})", ""]
    for step in data["steps"]:
        lines += [f"## {step['number']} {step['title']} - {word('state.' + step['state'])}", ""]
        for check in step["evidence"]:
            lines.append(f"- {word('verdict.' + check['verdict'])}: {check['claim']}")
            lines += [f"  {line}" for line in _quoted(check["found"])]
        lines += ["", *(f"- `{change['id']}`" for change in step["changes"]), ""]
    return lines


def _quoted(text: str) -> list[str]:
    """The host's words as a code block, so that they cannot look like ours."""
    if not text.strip():
        return []
    fence = "~~~~" if "```" in text else "```"
    return [fence, *text.strip().splitlines(), fence, ""]

"""Chapter 0: connect and check. Nothing is changed here; a finding may forbid everything that follows."""

from __future__ import annotations

from guide import remedies
from guide.change import Change
from guide.check import Check, Verdict
from guide.finding import Severity
from guide.message import Message, message
from guide.step import Step, View


class Connect(Step):
    """One verified SSH connection and one verified API connection."""

    id = "connect"
    number = "0.1"
    chapter = 0

    def changes(self, view: View) -> tuple[Change, ...]:
        return ()

    def checks(self, view: View) -> tuple[Check, ...]:
        api = view.api_version
        return (
            Check(
                "ssh-verified",
                message("check.ssh-verified.claim"),
                view.facts.node,
                Verdict.OK,
                command="ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub",
            ),
            Check(
                "api-verified",
                message("check.api-verified.claim"),
                api,
                Verdict.OK if api else Verdict.FAIL,
                None if api else message("check.api-verified.remedy"),
                command="pvesh get /version",
            ),
        )


class CheckHost(Step):
    """The survey's findings, worst first: every known obstacle named before anything is touched.

    Its changes are the remedies that the person chose.
    """

    id = "check"
    number = "0.2"
    chapter = 0

    def changes(self, view: View) -> tuple[Change, ...]:
        return remedies.chosen(view)

    def verb_for(self, changes: tuple[Change, ...]) -> Message:
        return Message("step.check.apply") if changes else self.verb

    def checks(self, view: View) -> tuple[Check, ...]:
        """One check per finding that stops or warns; a host without any gets one check that says so."""
        verdicts = {Severity.STOPS: Verdict.FAIL, Severity.WARNS: Verdict.WARN}
        found = tuple(
            Check(
                f"finding-{finding.id}",
                finding.claim,
                "\n".join(finding.evidence),
                verdicts[finding.severity],
                finding.remedy,
            )
            for finding in view.findings
            if finding.severity in verdicts
        )
        return found or (Check("nothing-in-the-way", message("check.nothing-in-the-way.claim"), "", Verdict.OK),)

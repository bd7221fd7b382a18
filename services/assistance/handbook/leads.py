"""The page of leads, from the codes that the projections know."""

from __future__ import annotations

from assistance.handbook.markdown import code, table
from projections.leads.codes import LEADS


def page() -> str:
    """Return the page of every lead: the auditor's question, the rule, what a finding says."""
    rows = [
        (code(lead.code), lead.title, lead.question, lead.rule, code(lead.reason))
        for lead in LEADS.values()
    ]
    return (
        "# Leads\n\n"
        "What an auditor would ask, each with the rule behind it. `GET /v1/leads` and `assistance leads` "
        "count them, `GET /v1/leads/{code}` and `assistance leads CODE` list one kind, with the facts "
        "that raise each. In what a finding says, `{name}` stands for its own figures. Findings are "
        "for people to look at; nothing follows from them by itself.\n\n"
        f"{table(('code', 'title', 'the question', 'the rule', 'what a finding says'), rows)}"
    )

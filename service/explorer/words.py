"""The words in which pages say what the data holds as codes; their source is the codebook."""

from __future__ import annotations

KIND = {
    "goal": ("Goal", "something is to be achieved"),
    "directive": ("Directive", "an order or task given"),
    "position": ("Position", "a stance"),
    "assessment": ("Assessment", "somebody’s judgement"),
    "allegation": ("Allegation", "a party says that another did something; unproven"),
    "event": ("Event", "something happened"),
    "forecast": ("Forecast", "somebody’s expectation"),
    "context": ("Context", "a standing background fact"),
}
ATTRIBUTION = {
    "direct": ("Direct", "the quoted words hold the whole proposition"),
    "mixed": ("Mixed", "part quoted, part paraphrased"),
    "indirect": ("Indirect", "a paraphrase attributed to a source"),
    "narrator": ("Narrator", "the document’s own voice"),
}
SPECIFICITY = {
    "withheld": "announced without content",
    "directional": "a direction, no measure",
    "measurable": "measurable",
}
ROLE = {"speaker": "says", "relayer": "relays", "publisher": "publishes"}
FIDELITY = {
    "verbatim": "word for word",
    "mixed": "partly word for word",
    "paraphrase": "in other words",
    "inference": "inferred from the passage",
}
EVIDENCE = {
    "supports": "supports the claim",
    "contradicts": "contradicts the claim",
    "context": "gives its context",
}
RELATION = {
    "restates": ("restates", "is restated by"),
    "details": ("adds to", "is added to by"),
    "continues": ("continues", "is continued by"),
    "escalates": ("escalates", "is escalated by"),
    "contrasts": ("contrasts with", "is contrasted with by"),
    "supports": ("supports", "is supported by"),
    "refutes": ("refutes", "is refuted by"),
}
"""As seen from the claim that holds the relation, and from the claim it points to."""
LEVEL = {"low": "Low", "moderate": "Moderate", "high": "High"}
CREDIBILITY = {
    1: "Confirmed by other sources",
    2: "Probably true",
    3: "Possibly true",
    4: "Doubtful",
    5: "Improbable",
    6: "Cannot be judged",
}
BASIS = {
    "stated": "printed in the document",
    "resolved": "worked out from what the document prints",
    "inferred": "inferred from the text around it",
    "external": "known from outside the document",
}
CHANGE = {
    "created": "Recorded",
    "revised": "Revised",
    "superseded": "Superseded",
    "withdrawn": "Withdrawn",
}


def value_name(dimension: str, value: str) -> str:
    """What a value of a closed list is called; any other value is its own name."""
    named = {"kind": KIND, "attribution": ATTRIBUTION}.get(dimension, {})
    return named[value][0] if value in named else value


def plural(count: int, one: str, many: str) -> str:
    return f"{number(count)} {one if count == 1 else many}"


def number(count: int) -> str:
    """A number with commas between thousands."""
    return f"{count:,}"

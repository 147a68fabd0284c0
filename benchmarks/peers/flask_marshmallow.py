"""What most would write: a list in memory, a loop over it, marshmallow and ``jsonify``.

With BENCH_LOOKUP set, claims are looked up by topic, which leaves the cost of the answer alone.
"""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response, jsonify, request

from benchmarks.peers import naive
from schemas.records.claim import ClaimSchema

CLAIMS = naive.load(Path(os.environ["BENCH_CLAIMS"]))
PLACES = naive.places(CLAIMS) if os.environ.get("BENCH_LOOKUP") else None
SCHEMA = ClaimSchema(many=True)

app = Flask(__name__)
app.json.sort_keys = False  # type: ignore[attr-defined]  # of the default provider


@app.get("/v1/claims")
def claims() -> Response:
    limit = int(request.args.get("limit", 25))
    topics = asked("topic")
    found = naive.page(candidates(topics), topics, asked("kind"))
    return jsonify(data=SCHEMA.dump(found[:limit]), meta={"total": len(found), "limit": limit})


def candidates(topics: set[str]) -> list[naive.Claim]:
    if PLACES is None:
        return CLAIMS
    return [CLAIMS[n] for n in sorted({place for topic in topics for place in PLACES[topic]})]


def asked(name: str) -> set[str]:
    return {value for value in request.args.get(name, "").split(",") if value}

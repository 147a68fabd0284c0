"""What most would write: a list in memory, a loop over it, marshmallow and ``jsonify``."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response, jsonify, request

from benchmarks.peers import naive
from schemas.claim import ClaimSchema

CLAIMS = naive.load(Path(os.environ["BENCH_CLAIMS"]))
SCHEMA = ClaimSchema(many=True)

app = Flask(__name__)
app.json.sort_keys = False  # type: ignore[attr-defined]  # of the default provider


@app.get("/v1/claims")
def claims() -> Response:
    limit = int(request.args.get("limit", 25))
    found = naive.page(CLAIMS, asked("topic"), asked("kind"))
    return jsonify(data=SCHEMA.dump(found[:limit]), meta={"total": len(found), "limit": limit})


def asked(name: str) -> set[str]:
    return {value for value in request.args.get(name, "").split(",") if value}

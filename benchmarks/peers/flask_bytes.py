"""The floor under Flask: a view that answers constant bytes."""

from __future__ import annotations

import os
from pathlib import Path

from flask import Flask, Response

PAGE = Path(os.environ["BENCH_PAGE"]).read_bytes()

app = Flask(__name__)


@app.get("/v1/claims")
def claims() -> Response:
    return Response(PAGE, content_type="application/json")

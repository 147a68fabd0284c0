# Everything one does with the project. `make` alone lists it.
#
#   make serve PORT=9000                     another port (HOST, CLAIMS_DATASET likewise)
#   make test PYTHON=python3.13              another Python, for a new .venv
#   make test PYTEST_ARGS="-k counts -x"     what is handed to pytest

PYTHON      ?= python3
VENV        ?= .venv
PYTEST_ARGS ?=
BIN         := $(VENV)/bin
STAMPS      := $(VENV)/stamps
PIP         := $(BIN)/python -m pip --disable-pip-version-check --quiet
NPM         := .ci/npm
# Environment, data sets and databases of the benchmarks.
CACHE       := benchmarks/.cache
BENCH       := $(CACHE)/venv
BENCH_ARGS  ?=
# Environment of the tools of the audit: semgrep alone pins some fifty packages.
AUDIT       := $(VENV)/audit
# Environment of what strangers use: generators of clients and libraries of data frames.
STRANGERS   := $(VENV)/strangers
# The linter reads files here; it has nothing to ask or to tell elsewhere.
REDOCLY     := REDOCLY_TELEMETRY=off REDOCLY_SUPPRESS_UPDATE_NOTICE=true $(NPM)/node_modules/.bin/redocly
SOURCES     := schemas service tests benchmarks examples clients .ci setup.py

# Compiled modules are kept between runs: some tests start a command dozens of times, and pytest
# rewrites each module of tests anew where nothing is kept.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help serve quick test client test-client client-types draft-figures at-size torture torture-short reliability cluster cluster-stop opensearch opensearch-broken opensearch-variants check browser strangers format format-check lint types imports live \
        examples spreadsheet contract-lint contract-diff dockerfile-lint container newest-gunicorn bench bench-quick supply-chain bandit \
        semgrep sbom audit lock clean

help: ## List what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

serve: $(STAMPS)/runtime ## Serve the claims on 127.0.0.1:8000 (HOST, PORT, CLAIMS_DATASET)
	@exec $(BIN)/policy-claims serve

# Without generated data (the marker that Hypothesis sets) and what the tests themselves call slow. Two
# modules are not read at all: what they import takes a second and a half.
LEAN := --ignore tests/test_schemathesis.py --ignore tests/test_linked.py
quick: lint ## Lint, and run the tests that are quick: an answer within 20 s
	$(BIN)/python -m pytest --numprocesses 2 --dist loadscope --quiet $(LEAN) \
	  -m "not slow and not hypothesis and not browser and not at_size and not torture and not strangers" $(PYTEST_ARGS)

# A process for each core; a module stays in one of them, so that a server is started once. For one
# process: PYTEST_ARGS="-n 0".
test: $(STAMPS)/dev ## Run the tests, those of the Python client among them
	$(BIN)/python -m pytest --numprocesses auto --dist loadscope $(PYTEST_ARGS)

client: $(STAMPS)/dev ## Build the Python client's source archive and wheel (dist/client)
	$(BIN)/python -m build --outdir dist/client clients/python

test-client: $(STAMPS)/dev ## Run the tests of the Python client alone
	$(BIN)/python -m pytest $(PYTEST_ARGS) clients/python/tests

client-types: $(STAMPS)/dev ## Generate what the Python client takes from openapi.yaml, and its asynchronous client
	$(BIN)/python clients/python/generate.py openapi.yaml > $(VENV)/types.py
	mv $(VENV)/types.py clients/python/policy_claims/types.py
	$(BIN)/python clients/python/generate_parameters.py openapi.yaml > $(VENV)/parameters.py
	$(BIN)/ruff format --quiet $(VENV)/parameters.py
	mv $(VENV)/parameters.py clients/python/policy_claims/parameters.py
	$(BIN)/python clients/python/generate_async.py clients/python/policy_claims/client.py > $(VENV)/async_client.py
	$(BIN)/ruff format --quiet $(VENV)/async_client.py
	mv $(VENV)/async_client.py clients/python/policy_claims/aio/client.py

draft-figures: $(STAMPS)/dev ## Tell how well the draft reads the annotated texts (docs/curation.md)
	$(BIN)/python -m tests.drafting_figures

at-size: $(STAMPS)/dev ## Build, ask, count and serve 100,000 claims (about five minutes)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadscope -m at_size $(PYTEST_ARGS) tests/at_size

# A part of it (PYTEST_ARGS="-k ...") tells its figures in the terminal; the page is of the whole.
torture: $(STAMPS)/dev ## Try to break it, at full length (more than an hour); writes docs/reliability.md
	TORTURE=full $(BIN)/python -m pytest --numprocesses 2 --dist loadscope -m torture $(PYTEST_ARGS) tests/torture
	$(if $(PYTEST_ARGS),,$(BIN)/python -m tests.torture.report)

reliability: $(STAMPS)/dev ## Write docs/reliability.md from the figures of the last run of either
	$(BIN)/python -m tests.torture.report

cluster: $(STAMPS)/dev ## Start three nodes of OpenSearch on 127.0.0.1 (needs a JDK of version 21 or newer, Maven)
	$(BIN)/python -m tests.opensearch.cluster start

cluster-stop: $(STAMPS)/dev ## End them
	$(BIN)/python -m tests.opensearch.cluster stop

opensearch: $(STAMPS)/dev ## The store on three nodes of OpenSearch, which it starts (five to seven minutes)
	$(BIN)/python -m pytest -m "opensearch and not slow" tests/opensearch $(PYTEST_ARGS)

opensearch-broken: $(STAMPS)/dev ## The same while nodes die, freeze and are cut off (about half an hour)
	$(BIN)/python -m pytest -s -m "opensearch and slow" tests/opensearch $(PYTEST_ARGS)

# VARIANTS="one-try alias" runs those alone; tests/opensearch/variants.py says what each is.
opensearch-variants: $(STAMPS)/dev ## See each of those tests fail on a store that is broken on purpose (half an hour)
	$(BIN)/python -m tests.opensearch.variants $(VARIANTS)

torture-short: $(STAMPS)/dev ## make torture, shorter (within ten minutes)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadscope -m torture $(PYTEST_ARGS) tests/torture

check: format-check lint types imports test ## Format, lint, types, imports and tests: all of it

format: $(STAMPS)/dev ## Lay out the code and sort its imports
	$(BIN)/ruff check --fix-only --quiet $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

format-check: $(STAMPS)/dev
	$(BIN)/ruff format --check $(SOURCES)

lint: $(STAMPS)/dev ## Look for mistakes and bad habits
	$(BIN)/ruff check $(SOURCES)

types: $(STAMPS)/dev ## Check the types, strictly
	$(BIN)/mypy

imports: $(STAMPS)/dev ## Check that imports point downwards only
	$(BIN)/lint-imports

live: $(STAMPS)/dev ## Try the contract on a live server (about three minutes)
	$(BIN)/python .ci/live_contract.py

examples: $(STAMPS)/dev ## Run the examples against a live server (needs Node.js 20, curl, jq)
	$(BIN)/python .ci/examples.py

spreadsheet: $(STAMPS)/dev ## Open the CSV in LibreOffice and look at every cell
	$(BIN)/python .ci/spreadsheet.py

browser: $(STAMPS)/dev $(NPM)/node_modules/.stamp ## See the pages in Chromium (pictures: .artefacts/screens)
	$(BIN)/python -m pytest -m browser tests/browser $(PYTEST_ARGS)

# What is not there or not to be had is skipped, and said at the end as NOT CHECKED.
strangers: $(STRANGERS)/stamp tests/strangers/npm/node_modules/.stamp ## See that other people's programs work by their defaults (six minutes)
	$(STRANGERS)/bin/python -m pytest -m strangers tests/strangers $(PYTEST_ARGS)

contract-lint: $(NPM)/node_modules/.stamp ## Lint openapi.yaml (needs Node.js 20)
	$(REDOCLY) lint openapi.yaml

contract-diff: $(NPM)/node_modules/.stamp $(STAMPS)/dev ## Refuse what would break a client of v1
	$(BIN)/python .ci/planted_breaks.py
	$(BIN)/python .ci/contract_diff.py

dockerfile-lint: $(STAMPS)/dev ## Lint the Dockerfile and deploy/compose.yaml
	$(BIN)/hadolint Dockerfile
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec deploy/compose.yaml deploy/opensearch/compose.yaml

# Of this and the next, exit status 3 is "not checked", which they say aloud; make then ends with 2.
container: $(STAMPS)/dev ## Build and run the image without Docker (root on Debian; three minutes)
	$(BIN)/python .ci/container.py

newest-gunicorn: $(STAMPS)/dev ## Try the server's tests with the newest gunicorn there is
	$(BIN)/python .ci/newest_gunicorn.py

# Measured in an environment of its own, so that what the service is compared with is installed
# nowhere else. PostgreSQL, nginx and wrk are Debian's packages; what is missing is installed when
# root asks, else the rows that need it stay empty and say so.
bench: $(BENCH)/stamp ## Measure everything up to a million claims (half an hour, 25 GB of disk)
	$(BENCH)/bin/python -m benchmarks.run $(BENCH_ARGS)

bench-quick: $(BENCH)/stamp ## Measure up to 100,000 claims (under five minutes)
	$(BENCH)/bin/python -m benchmarks.run --quick $(BENCH_ARGS)

supply-chain: bandit semgrep sbom audit ## Look through our code and all that it depends on

bandit: $(AUDIT)/stamp ## Look for insecure habits in what is shipped
	$(AUDIT)/bin/bandit --quiet --recursive --configfile pyproject.toml schemas service setup.py \
	  clients/python/policy_claims

semgrep: $(AUDIT)/stamp ## Hold the code to the rules of .ci/semgrep
	$(AUDIT)/bin/python .ci/promises_in_code.py

sbom: $(AUDIT)/stamp ## List what is shipped in dist/policy-claims.cdx.json (CycloneDX), from the locks
	$(AUDIT)/bin/python .ci/sbom.py dist/policy-claims.cdx.json

# Exit status 3 is "not audited", which is neither good nor bad; .ci/audit.py says it aloud.
audit: $(AUDIT)/stamp ## Ask for known vulnerabilities of what is locked
	$(AUDIT)/bin/python .ci/audit.py || [ $$? = 3 ]

# The build's requirements are read from pyproject.toml, the others from setup.cfg, and those of the
# Python client, which the checks need, from its own pyproject.toml. --universal
# makes one file for every system and for each Python from 3.11 on.
LOCK := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(LOCK_ARGS)
lock: $(STAMPS)/dev ## Choose versions anew (LOCK_ARGS=--upgrade for the newest) and pin them
	$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
	  | $(LOCK) - --output-file requirements/build.txt
	$(LOCK) setup.cfg --output-file requirements/runtime.txt
	$(LOCK) setup.cfg --extra opensearch --constraints requirements/runtime.txt \
	  --output-file requirements/opensearch.txt
	$(LOCK) setup.cfg clients/python/pyproject.toml --extra test --extra dev --extra cache \
	  --extra async --extra mcp --extra polars --constraints requirements/runtime.txt \
	  --output-file requirements/dev.txt
	$(LOCK) setup.cfg --extra strangers --constraints requirements/dev.txt \
	  --output-file requirements/strangers.txt
	$(LOCK) setup.cfg --extra bench --constraints requirements/runtime.txt \
	  --output-file benchmarks/requirements.txt
	$(BIN)/python -c 'import configparser; c = configparser.ConfigParser(); c.read("setup.cfg"); print(c["options.extras_require"]["examples"])' \
	  | $(LOCK) - --constraints requirements/runtime.txt --output-file examples/python-generated/requirements.txt
	$(BIN)/python -c 'import configparser; c = configparser.ConfigParser(); c.read("setup.cfg"); print(c["options.extras_require"]["audit"])' \
	  | $(LOCK) --no-strip-extras - --output-file requirements/audit.txt
	for place in $(NPM) examples/typescript tests/strangers/npm; do \
	  (cd $$place && npm install --package-lock-only --omit-lockfile-registry-resolved) || exit; done

clean: ## Remove what was installed, built and cached here
	rm -rf $(VENV) $(CACHE) $(NPM)/node_modules tests/strangers/npm/node_modules build dist *.egg-info
	rm -rf clients/python/build clients/python/*.egg-info
	rm -rf .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is newer than all that its step read: the second run has nothing to do.
$(STAMPS)/venv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo "Python 3.11 or newer is needed, and '$(PYTHON)' is $$($(PYTHON) --version 2>&1 | head -n 1)." >&2; \
	  echo "Name another one: make $(MAKECMDGOALS) PYTHON=python3.13" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "'$(PYTHON)' cannot make a virtual environment: its venv module is incomplete." >&2; \
	  echo "On Debian and Ubuntu: apt-get install $$($(PYTHON) -c 'import sys; print("python3.%d-venv" % sys.version_info[1])') (or python3-venv)" >&2; exit 1; }
	@echo "Making $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv --clear $(VENV)
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/runtime: $(STAMPS)/venv requirements/build.txt requirements/runtime.txt setup.cfg setup.py pyproject.toml
	@echo "Installing what the service needs (once, half a minute)"
	@$(PIP) install --require-hashes -r requirements/build.txt -r requirements/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(STAMPS)/dev: $(STAMPS)/runtime requirements/dev.txt clients/python/pyproject.toml
	@echo "Installing what the checks need (once, half a minute)"
	@$(PIP) install --require-hashes -r requirements/dev.txt
	@$(PIP) install --no-deps --no-build-isolation --editable clients/python
	@touch $@

$(BENCH)/stamp: benchmarks/requirements.txt
	@echo "Installing what the service is compared with (once, a minute)"
	@$(PYTHON) -m venv --clear $(BENCH)
	@$(BENCH)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes \
	  -r benchmarks/requirements.txt
	@touch $@

$(AUDIT)/stamp: $(STAMPS)/venv requirements/audit.txt
	@echo "Installing what audits the project (once, a minute)"
	@$(PYTHON) -m venv --clear $(AUDIT)
	@$(AUDIT)/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes \
	  -r requirements/audit.txt
	@touch $@

# uv is there for "make lock", and installs some hundred packages in a third of pip's time.
$(STRANGERS)/stamp: $(STAMPS)/dev requirements/strangers.txt
	@echo "Installing what strangers use (once, a minute)"
	@$(PYTHON) -m venv --clear $(STRANGERS)
	@$(BIN)/uv pip install --quiet --python $(STRANGERS)/bin/python --require-hashes \
	  -r requirements/build.txt -r requirements/dev.txt -r requirements/strangers.txt
	@$(BIN)/uv pip install --quiet --python $(STRANGERS)/bin/python --no-deps --no-build-isolation \
	  --editable clients/python --editable .
	@touch $@

%/node_modules/.stamp: %/package.json %/package-lock.json
	@command -v npm >/dev/null || { echo "npm (Node.js 20) is needed for this." >&2; exit 1; }
	@cd $* && npm ci --no-audit --no-fund --loglevel=error
	@touch $@

# Two commands: `make demo` and `make test`. Each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
POLLS ?=
SEED ?= 1
RUNS ?= 30
PARSER ?= all
SECONDS ?= 60
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1

.PHONY: demo test check fast accuracy train research bench bench-load bench-peers property-long backtest replay-polls replay-kill broker-away chaos compose-test screenshots lock schema manifest sbom fuzz clean help

help:            ## what the targets do
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/' | expand -t 16

$(STAMP): requirements-dev.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; name one with: make PYTHON=python3.11 …"; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

demo: $(STAMP)   ## the whole pipeline on the bundled sample feeds: table, plot, JSONL files
	$(BIN)/blocwatch demo

test: $(STAMP) check   ## all tests; installs Java and Maven for the broker where it can
	@$(BIN)/python -m tests.prepare
	$(BIN)/python -m pytest

check: $(STAMP)  ## style, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

fast: check      ## check, and the tests that need no broker and no measuring data
	$(BIN)/python -m pytest -q -m "not kafka and not shared and not slow"

accuracy: $(STAMP)   ## event extraction against coded texts
	$(BIN)/python -m benchmarks.accuracy
	$(BIN)/python -m benchmarks.typing_pairs
	$(BIN)/python -m benchmarks.silence

bench: $(STAMP)  ## what a tick, a fold and an update cost; feeds a second beside lemon24/reader; extraction by stage; articles a second
	@$(BIN)/python -m tests.prepare
	$(BIN)/python -m benchmarks.metrics
	$(BIN)/python -m benchmarks.polling
	$(BIN)/python -m benchmarks.extraction
	$(BIN)/python -m benchmarks.folding --events 20000 --runs 3
	$(BIN)/python -m benchmarks.throughput
	$(BIN)/python -m benchmarks.report

bench-load: $(STAMP)   ## end to end on a real broker at 12, 58 and 290 articles/s, open loop (an hour; BENCH_RUNS=1 BENCH_SECONDS=20: ten minutes)
	@$(BIN)/python -m tests.prepare
	OMP_NUM_THREADS=1 $(BIN)/python -m benchmarks.endtoend --runs $(or $(BENCH_RUNS),5) --seconds $(or $(BENCH_SECONDS),60)
	$(BIN)/python -m benchmarks.report

bench-peers: $(STAMP)  ## the extractor beside faust alone, aiokafka, quixstreams and bytewax, also under kill -9 (an hour)
	@$(BIN)/python -m tests.prepare
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-bench.lock
	PEERS=.venv-bench/bin/python $(BIN)/python -m benchmarks.beside --runs $(or $(BENCH_RUNS),5)
	$(BIN)/python -m benchmarks.report

property-long: $(STAMP)   ## every law of the metrics with 10,000 examples each, on all cores (about an hour on two)
	OMP_NUM_THREADS=1 BLOCWATCH_EXAMPLES=10000 $(BIN)/python -m pytest -v -n auto --dist worksteal --timeout 36000 \
		--durations 0 --hypothesis-show-statistics tests/property/test_metrics_reference.py \
		tests/property/test_metrics_laws.py tests/property/test_metrics_invariants.py

backtest: $(STAMP)   ## the metrics against five years of coded events and known history: out/backtest/report.md
	$(BIN)/blocwatch backtest

replay-polls: $(STAMP)   ## a folder of polls through a real broker, against recompute and the embedded run
	@$(BIN)/python -m tests.prepare
	$(BIN)/python -m benchmarks.replay_polls $(if $(POLLS),--polls $(POLLS))

replay-kill: $(STAMP)    ## recorded polls through a poller that is killed 50 times, against an undisturbed one
	$(BIN)/python -m benchmarks.replay_kill --seed $(SEED) $(if $(POLLS),--polls $(POLLS))

broker-away: $(STAMP)    ## ten minutes without a broker: what the poller needs, and that nothing is lost
	@$(BIN)/python -m tests.prepare
	$(BIN)/python -m benchmarks.broker_away

fuzz: $(STAMP)   ## each parser under guided fuzzing for SECONDS=60: no crash, no hang; one alone: PARSER=feed
	$(BIN)/python -m tests.security.fuzz $(PARSER) $(SECONDS)

chaos: $(STAMP)   ## seeded faults against real processes on a real broker, judged by an oracle: SEED=1 RUNS=30
	@$(BIN)/python -m tests.prepare
	$(BIN)/python -m tests.chaos.table
	$(BIN)/python -m tests.chaos.run --seed $(SEED) --runs $(RUNS)

compose-test: $(STAMP)   ## docker-compose.yml for real: up, feed, read, scale, down, up
	$(BIN)/python -m tests.compose.run

train:           ## the relation model anew, from the coded texts in ../shared and ours (about an hour, torch)
	$(PYTHON) -m venv .venv-train
	.venv-train/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-train.lock
	.venv-train/bin/python -m training.train
	$(MAKE) manifest

research: $(STAMP)   ## what the same model reaches when taught on the sentences that judge it (after make train)
	.venv-train/bin/python -m training.research

screenshots: $(STAMP)   ## docs/pictures: each view of the dashboard over out/demo, light, dark and phone width
	@$(BIN)/python -m tests.prepare
	$(BIN)/python -m tests.browser.screenshots --demo docs/pictures

manifest: $(STAMP)  ## pipeline/data.sha256, after a data file was changed on purpose
	$(BIN)/python -m supply.manifest

sbom: $(STAMP)   ## out/sbom.cdx.json: CycloneDX bill of packages, models and data files, each with its sha256
	$(BIN)/python -m supply.sbom out/sbom.cdx.json

schema: $(STAMP) ## write docs/contract and docs/reference from the code
	$(BIN)/blocwatch schema --out docs/contract
	$(BIN)/blocwatch reference --out docs/reference

lock: $(STAMP)   ## refresh the lock files
	$(BIN)/uv pip compile -q --generate-hashes --universal --no-emit-index-url --no-emit-find-links --python-version 3.11 pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --generate-hashes --universal --no-emit-index-url --no-emit-find-links --python-version 3.11 --group dev pyproject.toml -o requirements-dev.lock
	$(BIN)/uv pip compile -q --generate-hashes --universal --no-emit-index-url --no-emit-find-links --python-version 3.11 --group train pyproject.toml -o requirements-train.lock
	$(BIN)/uv pip compile -q --generate-hashes --universal --no-emit-index-url --no-emit-find-links --python-version 3.11 --group bench pyproject.toml -o requirements-bench.lock

clean:           ## remove what was built
	rm -rf $(VENV) out var .mypy_cache .ruff_cache .pytest_cache .hypothesis

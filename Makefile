# `make repro` rebuilds data, models and report; `make test` holds them to their word. Both make .venv the first time.
PYTHON ?= python3
VENV := .venv
BENCH := .venv-bench
READY := $(VENV)/.ready
export PATH := $(CURDIR)/$(VENV)/bin:$(PATH)
# Nothing here asks a hub or a server for anything.
export HF_HUB_OFFLINE ?= 1
export HF_HUB_DISABLE_TELEMETRY := 1
export DVC_NO_ANALYTICS := 1
export TOKENIZERS_PARALLELISM := false

.PHONY: repro test lint format setup sweep sample real-data privacy quality dialect severity experiment bench bench-large bench-setup picture lock clean

repro: $(READY) ## raw dumps -> gated dataset -> models -> reports/report.html
	dvc repro
	@echo "The report: reports/report.html   The dataset: datasets/arabic-medical-qa"

test: $(READY) lint ## formatter, linter, type checker, tests
	pytest -n auto --dist loadfile

lint: $(READY)
	ruff format --check .
	ruff check .
	mypy

format: $(READY)
	ruff format .
	ruff check --fix .

setup: $(READY)

$(READY): pyproject.toml constraints.txt
	@test -x $(VENV)/bin/python || $(PYTHON) -m venv $(VENV) || \
	  { echo "$(PYTHON) cannot make a virtual environment: install Debian's python3-venv, or name another Python 3.11 with PYTHON=..."; exit 1; }
	pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev]"
	@touch $@

sweep: $(READY) ## one of training_recipes/sweeps.yaml as queued experiments: `make sweep NAME=rank`; reports/sweeps/NAME.csv and NAME.png
	python -m training_recipes.sweep $(NAME)

sample: $(READY) ## write data/sample/raw and its known answers again from data/sample/written
	python data/sample/generate.py

real-data: $(READY) ## the same pipeline over ../shared/data; writes docs/real_data.md
	python -m benchmarks.real_data

privacy: $(READY) ## recall, precision, throughput and memory of ingest; writes docs/privacy.md, about 4 minutes
	python -m benchmarks.privacy

bench: $(READY) $(BENCH)/.ready ## speed and memory, beside others; writes docs/benchmarks.md, half an hour
	python -m benchmarks.bench

bench-large: $(READY) ## 4.3 million pairs; a quarter of an hour, 12 GB of disk
	python -m benchmarks.bench --only large

bench-setup: $(BENCH)/.ready

$(BENCH)/.ready: benchmarks/requirements.txt
	$(PYTHON) -m venv $(BENCH)
	$(BENCH)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

quality: $(READY) ## what the quality scores find; writes docs/quality.md; `python -m benchmarks.quality_learn` learns their tables again
	python -m benchmarks.quality

dialect: $(READY) $(BENCH)/.ready ## how well dialects are told and put into MSA; writes docs/dialect_identification.md and docs/dialect.md
	python -m benchmarks.dialect_identification $(if $(FETCHED),--fetched $(FETCHED))
	python -m benchmarks.dialect

severity: $(READY) ## how well severity is told; writes the figures of docs/severity.md, 2 minutes
	python -m benchmarks.severity

experiment: $(READY) ## does weighting by severity help? An hour, and goes on where it was cut off; writes docs/experiments.md
	python -m benchmarks.experiment.run

picture: $(READY) ## docs/report.png out of the report; wants Debian's chromium
	python benchmarks/report_picture.py

lock: $(READY) ## pin what is installed now
	@{ echo "# The versions that every figure and every test of this project was made with. Written by 'make lock'."; \
	  pip freeze --exclude-editable | sed 's/+cpu$$//' | sort -f; } > constraints.txt

clean:
	rm -rf data/interim/*.parquet reports/* models/* .cache
	git clean -fdXq datasets

# Everything a person or CI does starts here. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
BENCH_STAMP := $(VENV)/.bench-installed
# CUDA=yes installs its libraries, CUDA=no leaves them out; auto looks for an NVIDIA GPU.
CUDA ?= auto
# Processes that share the tests, one more than processors: some of what they do is waiting.
WORKERS ?= 3
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# As pip does it, but on all processors and without the packages' own tests. Some files are no Python: they stay as they are.
COMPILE = $(BIN)/python -m compileall -qq -j 0 -x '/tests?/' $(VENV)/lib || true

.PHONY: help mutants setup demo test run bench lint style types rooms format screenshots pictures settings-doc third-party wheel deb lock clean

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 14

setup: $(STAMP) ## install what is missing into .venv, all extras too

$(STAMP): requirements/lock.txt requirements/build.txt pyproject.toml tools/without_cuda.py
	@tools/system_packages.sh
	@$(PYTHON) -c 'import sys; sys.exit(0 if (3, 11) <= sys.version_info[:2] < (3, 14) else "kiosk needs Python 3.11 to 3.13; say make PYTHON=python3.12")'
	$(PYTHON) -m venv $(VENV)
	@$(PYTHON) tools/without_cuda.py pins --cuda $(CUDA) requirements/lock.txt > $(VENV)/pins.txt
	@echo "Installing $$(grep -c '^[a-z].*==' $(VENV)/pins.txt) pinned packages (about 2.4 GB, 5.9 with CUDA) ..."
	$(BIN)/python -m pip install -q --no-deps --require-hashes -r requirements/build.txt
	$(BIN)/python -m pip install -q --no-deps --no-compile --no-build-isolation --require-hashes -r $(VENV)/pins.txt
	@$(BIN)/python tools/without_cuda.py libraries "$$($(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')"
	@$(COMPILE)
	$(BIN)/python -m pip install -q --no-deps --no-build-isolation --editable .
	@touch $@

demo: setup ## enrol and identify the demo people, headless
	@$(BIN)/python -m tools.demo

# Types take long in a fresh clone: they are looked at meanwhile, and what is wrong stands below the tests.
# What every process of the tests imports is compiled once, also where Python itself may keep nothing.
test: style ## everything CI runs
	@mkdir -p build
	@$(BIN)/python -m compileall -q -j 0 kiosk tools tests/support
	@( $(BIN)/lint-imports && $(BIN)/mypy ) > build/types.txt 2>&1 & meanwhile=$$!; \
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal; tests=$$?; \
	wait $$meanwhile || { cat build/types.txt; exit 1; }; exit $$tests

lint: setup ## style, types and the rule of rooms
	@$(MAKE) --no-print-directory -O -j 3 style types rooms

style: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: setup
	$(BIN)/mypy

rooms: setup
	$(BIN)/lint-imports

format: setup ## let ruff mend the style
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

run: setup ## open the kiosk
	$(BIN)/kiosk --windowed

bench: $(BENCH_STAMP) ## measure speed and memory, print ratios
	$(BIN)/python -m tools.benchmarks

# Not to be had for every Python and processor: then the benchmark says what it leaves out.
$(BENCH_STAMP): $(STAMP) requirements/bench.txt
	@$(BIN)/python -m pip install -q --no-deps --only-binary :all: --require-hashes -r requirements/bench.txt \
	  && touch $@ || echo "The libraries of dlib and faiss could not be installed; what they are compared with is measured without them."

screenshots: setup ## render every screen into build/screens, to be looked at
	QT_QPA_PLATFORM=offscreen $(BIN)/python -m tools.screenshots build/screens

pictures: screenshots ## renew the few pictures that the documents show
	$(BIN)/python -m tools.pictures build/screens docs/screens

settings-doc: setup ## renew docs/settings.md from the declarations
	$(BIN)/python -m tools.settings_doc

mutants: setup ## which changes of the code the tests would not see (half an hour; no part of CI)
	$(BIN)/python -m tools.mutants

third-party: setup ## renew the table of licences in THIRD_PARTY.md
	$(BIN)/python -m tools.third_party

wheel: setup ## build/wheel/kiosk-*.whl, with weights and assets in it
	$(BIN)/python -m pip wheel -q --no-deps --no-index --no-build-isolation -w build/wheel .

deb: wheel ## build/kiosk_*.deb: a kiosk that installs itself on Debian 12, without network
	@installer/build $(BIN)/python "$$($(BIN)/python -c 'import tomllib; print(tomllib.load(open("pyproject.toml", "rb"))["project"]["version"])')"

lock: ## renew the pins (needs uv)
	uv pip compile pyproject.toml --all-extras --group dev --universal --fork-strategy fewest --python-version 3.11 \
	  --generate-hashes --override requirements/overrides.txt --no-emit-index-url \
	  --custom-compile-command "make lock" -o requirements/lock.txt
	uv pip compile pyproject.toml --extra serve --extra fleet --python-version 3.11 --python-platform x86_64-manylinux_2_36 \
	  --generate-hashes --override requirements/overrides.txt --no-emit-index-url --no-annotate \
	  --constraint requirements/lock.txt --custom-compile-command "make lock" -o requirements/kiosk.txt
	echo "setuptools>=77" | uv pip compile - --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --constraint requirements/lock.txt --custom-compile-command "make lock" \
	  -o requirements/build.txt
	printf "dlib-bin>=20\nfaiss-cpu>=1.15; sys_platform == 'linux'\n" | uv pip compile - --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --constraint requirements/lock.txt --custom-compile-command "make lock" \
	  -o requirements/bench.txt

clean: ## remove everything that setup, tests and demo made
	rm -rf $(VENV) build *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

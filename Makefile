# `make test` and `make quickstart` need nothing but Python 3.11 or 3.12.
PYTHON ?= python3
VENV ?= .venv
OMP_NUM_THREADS ?= 2
export OMP_NUM_THREADS

BIN := $(VENV)/bin
STAMP := $(VENV)/.mmaction_uda
PINS := requirements/constraints.txt
TORCH_PIN := $(shell grep '^torch==' $(PINS))
TORCH_MIN := $(shell sed -n "s/.*'torch>=\([0-9.]*\)'.*/\1/p" setup.py)

# A torch that is already installed and in range is used from where it is,
# whatever it was built for; only where there is none the pin is installed.
TORCH_HOME := -c "import os.path, sys, torch; n = lambda v: [int(x) for x in \
	v.split('.')[:2]]; n(torch.__version__) < n('$(TORCH_MIN)') and \
	sys.exit(1); print(os.path.dirname(os.path.dirname(torch.__file__)))"
TORCH_VERSION := -c "import importlib.metadata as m; \
	print('torch==' + m.version('torch'))"
# Nor is mmcv-lite ever installed over a full mmcv.
HAS_MMCV := -c "import importlib.metadata as m; m.version('mmcv')"

.PHONY: env test test-all stacks quickstart lint docs

env: $(STAMP)

PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q -n auto \
	--maxprocesses 4 --dist worksteal

test: $(STAMP)
	@start=$$(date +%s); $(PYTEST) tests; code=$$?; \
	echo "tests took $$(( $$(date +%s) - start )) s"; exit $$code

# Also the long suites, many examples of every property, and tools that are
# interpreters of their own where the tests fork them.
test-all: $(STAMP)
	@start=$$(date +%s); PROPERTIES=many TOOLS=fresh $(PYTEST) -m '' tests; code=$$?; \
	echo "all tests took $$(( $$(date +%s) - start )) s"; exit $$code

# Stacks beside the pinned one: a package is laid over it, the main job run.
stacks: $(STAMP)
	@set -e; for package in 'numpy>=2,<3' onedl-mmengine; do \
	  over=$(VENV)/stacks/$${package%%[<>]*}; \
	  [ -d $$over ] || $(BIN)/pip install -q --no-deps --target $$over \
	    "$$package"; \
	  echo "with $$(ls $$over | grep dist-info)"; \
	  PYTHONPATH=$$over OMP_NUM_THREADS=1 $(BIN)/python -m pytest -q \
	    tests/test_end_to_end.py::test_train_then_test; \
	done

quickstart: $(STAMP)
	@start=$$(date +%s); $(BIN)/python tools/quickstart.py; code=$$?; \
	echo "quickstart took $$(( $$(date +%s) - start )) s"; exit $$code

lint: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# build/docs/index.html. A page that nothing leads to, or a link that leads
# nowhere, is an error; -q would keep warnings from being any.
docs: $(STAMP)
	$(BIN)/mkdocs build --strict

$(STAMP): setup.py $(PINS)
	@set -e; start=$$(date +%s); \
	if [ ! -x $(BIN)/python ]; then \
	  $(PYTHON) -c "import sys; v = sys.version_info[:2]; v in ((3, 11), \
	(3, 12)) or sys.exit('The pinned versions need Python 3.11 or 3.12, but \
	$(PYTHON) is %d.%d. Name another: make PYTHON=python3.11 ...' % v)"; \
	  $(PYTHON) -m venv $(VENV); \
	fi; \
	if $(BIN)/python $(TORCH_HOME) >/dev/null 2>&1; then :; \
	elif home=$$($(PYTHON) $(TORCH_HOME) 2>/dev/null); then \
	  (cd $(VENV)/lib/python3.*/site-packages; echo "$$home" > torch.pth); \
	else $(BIN)/pip install -q -c $(PINS) $(TORCH_PIN); fi; \
	$(BIN)/python $(TORCH_VERSION) | cat - $(PINS) | \
	  awk -F== '!/==/ || !seen[$$1]++' > $@.constraints; \
	if $(BIN)/python $(HAS_MMCV) 2>/dev/null; then lite=; else lite=lite,; fi; \
	$(BIN)/pip install -q -c $@.constraints \
	  -e ".[$${lite}image,dev]"; \
	$(BIN)/python -c "import cv2" || { echo "OpenCV needs two libraries of \
	the system: apt-get install -y libgl1 libglib2.0-0"; exit 1; }; \
	touch $@; \
	echo "installation took $$(( $$(date +%s) - start )) s"

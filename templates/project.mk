##   check           this project's own lint, types and fast tests
check: lint
	$(PYTEST) -m 'not slow'

##   check-all       the same with every test: Nix, browsers, the runtime's build and its teeth
check-all: lint
	$(PYTEST)

##   mutants         break the pure functions on purpose, and see which mistakes no test notices
mutants:
	$(PYTHON) -m tests.mutants

PYTEST = $(PYTHON) -m pytest --numprocesses=auto --dist=loadgroup
lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

##   bench           measure, and print ratios
bench:
	$(PYTHON) -m bench

.PHONY: check check-all mutants lint bench


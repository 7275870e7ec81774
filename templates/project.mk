##   check           lint, types and fast tests of this project itself
check: lint
	$(PYTEST) -m 'not slow'

##   check-all       lint, types and all tests, also those of Nix, the browser and the runtime's build
check-all: lint
	$(PYTEST)

##   mutants         mutation tests of the pure functions: print the mistakes that no test notices
mutants:
	$(PYTHON) -m tests.mutants

PYTEST = $(PYTHON) -m pytest --numprocesses=auto --dist=loadgroup
lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

##   bench           run the benchmarks
bench:
	$(PYTHON) -m bench

.PHONY: check check-all mutants lint bench


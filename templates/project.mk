##   check           lint, types and fast tests of this project itself
check: lint
	$(PYTEST) -m 'not slow'

##   check-all       lint, types and all tests, also those of Nix, the browser and the runtime's build
check-all: lint
	$(PYTEST)

##   foreign         fetch the projects of others that tests adopt, by the registries' clients
foreign:
	$(LONGPOLE_PYTHON) -m tests.foreign.fetch

##   mutants         mutation tests of the pure functions: print the mistakes that no test notices
mutants:
	$(LONGPOLE_PYTHON) -m tests.mutants

PYTEST = $(LONGPOLE_PYTHON) -m pytest --numprocesses=auto --dist=loadgroup
lint:
	$(LONGPOLE_PYTHON) -m ruff check .
	$(LONGPOLE_PYTHON) -m ruff format --check .
	$(LONGPOLE_PYTHON) -m mypy

##   bench           run the benchmarks
bench:
	$(LONGPOLE_PYTHON) -m bench

##   release         build the sdist and the wheel of the commit into dist/, reproducibly
release:
	PYTHON=$(LONGPOLE_PYTHON) .ci/release

.PHONY: check check-all foreign mutants lint bench release


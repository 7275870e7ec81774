##   check           this project's own lint, types and tests
check:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy
	$(PYTHON) -m pytest

##   bench           measure, and print ratios
bench:
	$(PYTHON) -m bench

.PHONY: check bench


# Rendered from suite.yaml by `longpole render`. Do not edit: change suite.yaml, Makefile.in or templates/.

ifneq ($(words $(CURDIR)),1)
$(error $(CURDIR): make cannot work in a path with spaces; move the checkout)
endif

# All units, the heaviest first by weight. `make list` shows the order in force, which follows from what earlier runs took.
LONGPOLE_UNITS = \
	test-sha1-broken \
	test-sha1-clone-basic \
	test-sha1-clone-deep \
	test-sha1-fetch-cells--a \
	test-sha1-fetch-cells--b \
	test-sha1-top \
	test-sha1-unit \
	test-sha256-broken \
	test-sha256-clone-basic \
	test-sha256-clone-deep \
	test-sha256-fetch-cells--a \
	test-sha256-fetch-cells--b \
	test-sha256-top \
	test-sha256-unit

# This file, and the path to the folder that its own paths are relative to.
LONGPOLE_FILE := $(lastword $(MAKEFILE_LIST))
LONGPOLE_ROOT := $(or $(patsubst %Makefile,%,$(filter %Makefile,$(LONGPOLE_FILE))),./)

ifneq ($(LONGPOLE_FILE) $(realpath .),$(firstword $(MAKEFILE_LIST)) $(realpath $(LONGPOLE_ROOT)))
# Included by another makefile, or called from another folder. Then this file only calls make with itself alone, so that
# it leaves the other makefile as it is: its default goal, its implicit rules and its variables.
LONGPOLE_GOAL_BEFORE := $(.DEFAULT_GOAL)
ifeq ($(LONGPOLE_FILE),$(firstword $(MAKEFILE_LIST)))
LONGPOLE_PREFIX =
LONGPOLE_OWN =
else
# LONGPOLE_PREFIX, if set before the include, is put before `test`, `retest`, `list` and `report`. The other makefile may
# well have `help`, `build` and `clean`, so these have a prefix in any case.
LONGPOLE_PREFIX ?=
LONGPOLE_OWN := $(or $(LONGPOLE_PREFIX),longpole-)
endif

LONGPOLE_TARGETS := $(addprefix $(LONGPOLE_OWN),help build clean) $(addprefix $(LONGPOLE_PREFIX),test retest list report) \
	test-sha1 test-sha256 \
	test-sha1-clone test-sha1-fetch test-sha1-fetch-cells test-sha256-clone test-sha256-fetch test-sha256-fetch-cells \
	$(LONGPOLE_UNITS)
LONGPOLE_ASKED := $(filter $(LONGPOLE_TARGETS),$(MAKECMDGOALS))
LONGPOLE_MAKE = MAKEFILES= LONGPOLE_LEVEL=$(MAKELEVEL) $(MAKE) --no-print-directory -C $(LONGPOLE_ROOT) -f Makefile
LONGPOLE_PLAIN = $(patsubst $(LONGPOLE_PREFIX)%,%,$(patsubst $(LONGPOLE_OWN)%,%,$(1)))

# The targets that one command asks for are one run. As a prerequisite of another target, each is a run of its own.
$(filter-out $(LONGPOLE_ASKED),$(LONGPOLE_TARGETS)):
	+@$(LONGPOLE_MAKE) $(call LONGPOLE_PLAIN,$@)

ifneq ($(LONGPOLE_ASKED),)
$(LONGPOLE_ASKED): longpole-asked ;

longpole-asked:
	+@$(LONGPOLE_MAKE) $(call LONGPOLE_PLAIN,$(LONGPOLE_ASKED))
endif

.PHONY: $(LONGPOLE_TARGETS) longpole-asked

ifneq ($(LONGPOLE_FILE),$(firstword $(MAKEFILE_LIST)))
.DEFAULT_GOAL := $(LONGPOLE_GOAL_BEFORE)
endif
else

.SUFFIXES:
MAKEFLAGS += -rR

LONGPOLE_STATE ?= .longpole
export LONGPOLE_STATE

# Where Longpole is installed on this machine: LONGPOLE_PYTHON, LONGPOLE_PACKAGE, LONGPOLE_CLIENTS and LONGPOLE_TEMPLATES.
# `longpole render` writes it beside the plan, so that this file is the same everywhere and can be committed.
-include $(LONGPOLE_STATE)/local.mk
LONGPOLE_GONE := $(firstword $(foreach path,$(LONGPOLE_PYTHON) \
  $(if $(filter file,$(origin LONGPOLE_PYTHON)),$(LONGPOLE_PACKAGE)),$(if $(wildcard $(path)),,$(path))))
ifneq ($(and $(LONGPOLE_PYTHON),$(if $(LONGPOLE_GONE),,yes)),)
LONGPOLE = $(LONGPOLE_PYTHON) -EPm longpole
else
LONGPOLE_PYTHON =
LONGPOLE_TEMPLATES =
LONGPOLE_MISSING = $(if $(LONGPOLE_GONE),$(LONGPOLE_GONE) is gone,longpole is not installed, or not in PATH); \
  $(if $(and $(wildcard configure),$(or $(filter $(CURDIR)/%,$(LONGPOLE_GONE)),$(wildcard bin/longpole))),run ./configure,install longpole, then run `longpole render`)
LONGPOLE = $(or $(shell sh -c 'command -v longpole'),$(error $(LONGPOLE_MISSING)))
endif
# The project's own Python, {python} in the suite.
LONGPOLE_PROJECT_PYTHON := $(firstword $(wildcard $(addsuffix /bin/python,$(CURDIR)/.venv \
  $(foreach name,VIRTUAL_ENV CONDA_PREFIX,$(if $(filter environment%,$(origin $(name))),$($(name))))))\
  $(LONGPOLE_PYTHON))
LONGPOLE_LOCKED = $(LONGPOLE_PYTHON) -EPm longpole.rts_tests.make.build_lock

##   help            this list (the default)
help:
	@echo "scenarios: 14 units; make -j8 test runs them all"
	@sed -n 's/^##//p' $(LONGPOLE_FILE)
	@echo "variables: SEED=n  FILTER='glob over ids' or 'label:NAME'  SHARD=k/n  FAIL_FAST=1  RETRIES=n  PREBUILT=1"

##   test            run every unit, heaviest first, and report
##   test-V          ... of variant V; test-V-M of its module M; test-V-M-K only chunk K
##                   ... test-V-G of the scenarios in group G; test-V-G-S only scenario S
##   retest          run again every unit whose latest outcome is not a pass
test retest: start-run

##   build           build every variant; build-V only variant V
build:
	@:

##   list            show the plan: every unit, in the order in which make starts them
list:
	@$(LONGPOLE) list

##   report          print the report of the last run again
report:
	@$(LONGPOLE) report

##   clean           remove the target directories; the history is kept
clean:
	rm -rf target-sha1 target-sha256

.PHONY: help test retest build list report clean

.DEFAULT:
	@$(LONGPOLE) no-such-target $(LONGPOLE_FILE) '$(subst $(LONGPOLE_NEWLINE), ,$(subst ','\'',$@))'

ifndef LONGPOLE_REQUEST
# Called by a user. All test goals of one command are one run; it calls make again, with this file for what it builds.
start-run: export LONGPOLE_GOALS = $(or $(filter test test-% retest,$(MAKECMDGOALS)),test)
start-run:
	+@exec $(LONGPOLE) supervise $(MAKE) $(LONGPOLE_FILE) $$PPID

$(LONGPOLE_FILE): $(LONGPOLE_STATE)/rendered ;

ifeq ($(LONGPOLE_PYTHON),)
.PHONY: $(LONGPOLE_STATE)/local.mk
$(LONGPOLE_STATE)/local.mk:
	@$(LONGPOLE) render --quiet
endif

# Folders change if a file is added or removed. Those that are gone do not matter: the folder that they were in does.
$(LONGPOLE_STATE)/rendered: $(wildcard \
	scenarios \
	scenarios/clone \
	scenarios/fetch \
	scenarios/broken.yml \
	scenarios/top.yml \
	scenarios/clone/basic.yml \
	scenarios/clone/deep.yaml \
	scenarios/fetch/cells.yml)

$(LONGPOLE_STATE)/rendered: suite.yaml $(LONGPOLE_TEMPLATES)
	@$(LONGPOLE) render --quiet

.PHONY: start-run
endif

$(LONGPOLE_UNITS): start-run

.PHONY: $(LONGPOLE_UNITS)

# sha1, in target-sha1

test-sha1: start-run
test-sha1-clone: start-run
test-sha1-fetch: start-run
test-sha1-fetch-cells: start-run

.PHONY: test-sha1 test-sha1-clone test-sha1-fetch test-sha1-fetch-cells

# sha256, in target-sha256

test-sha256: start-run
test-sha256-clone: start-run
test-sha256-fetch: start-run
test-sha256-fetch-cells: start-run

.PHONY: test-sha256 test-sha256-clone test-sha256-fetch test-sha256-fetch-cells

# A newline, for words of commands that contain one.
define LONGPOLE_NEWLINE


endef
export LONGPOLE_NEWLINE

endif

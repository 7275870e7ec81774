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
	{% for step in steps %}build-{{ step.name }} {% endfor %}{% for variant in variants %}{% if variant.build %}build-{{ variant.name }} {% endif %}test-{{ variant.name }} {% endfor %}\
	{% for variant in variants %}{% for module in variant.modules if module.goal %}{{ module.goal }} {% endfor %}{% endfor %}\
	$(LONGPOLE_UNITS)
LONGPOLE_ASKED := $(filter $(LONGPOLE_TARGETS),$(MAKECMDGOALS))
LONGPOLE_MAKE = MAKEFILES= LONGPOLE_LEVEL=$(MAKELEVEL) $(MAKE) --no-print-directory -C $(LONGPOLE_ROOT) -f {{ makefile }}
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

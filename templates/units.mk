ifdef LONGPOLE_REQUEST
# Inside a run. A recipe hands its unit to the supervisor and exits as the unit did; the shell starts nothing for it.
unit = @echo $@ >"$$LONGPOLE_REQUEST" && read -r status <"$$LONGPOLE_REPLY/$@" && exit $$status
run =
else
# Called by a user. All test goals of one command are one run, which calls make with this file again for its units.
unit =
run = start-run

start-run: export LONGPOLE_GOALS = $(or $(filter test test-% retest,$(MAKECMDGOALS)),test)
start-run:
	+@exec $(LONGPOLE) supervise $(MAKE) $(LONGPOLE_FILE) $$PPID

$(LONGPOLE_FILE): $(LONGPOLE_STATE)/rendered ;

ifeq ($(LONGPOLE_PYTHON),)
.PHONY: $(LONGPOLE_STATE)/local.mk
$(LONGPOLE_STATE)/local.mk:
	@$(LONGPOLE) render --quiet{{ suite_option }}{{ output_option }}
endif

$(LONGPOLE_STATE)/rendered: {{ inputs | join(" ") }} $(LONGPOLE_TEMPLATES)
	@$(LONGPOLE) render --quiet{{ suite_option }}{{ output_option }}

.PHONY: start-run
endif

ifdef LONGPOLE_SELECTION
include $(LONGPOLE_SELECTION)
endif

run-units: $(LONGPOLE_UNITS)

.PHONY: run-units $(LONGPOLE_UNITS)
{% for variant in variants %}

# {{ variant.name }}, in {{ variant.target_dir }}
{% if variant.build %}

build-{{ variant.name }}:
	+@$(LONGPOLE_LOCKED) {{ variant.name }} {{ variant.target_dir }} {{ variant.build }}

.PHONY: build-{{ variant.name }}
{% endif %}

test-{{ variant.name }}: start-run
{% for module in variant.modules if module.goal %}
{{ module.goal }}: start-run
{% endfor %}

{% for module in variant.modules %}
{{ module.units | join(" ") }}: $(run)
	$(unit)
{% endfor %}

.PHONY: test-{{ variant.name }}{% for module in variant.modules if module.goal %} {{ module.goal }}{% endfor %}

{% endfor %}

# A newline, for words of commands that contain one.
define {{ newline }}


endef
export {{ newline }}

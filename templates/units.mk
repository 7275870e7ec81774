ifndef LONGPOLE_REQUEST
# Called by a user. All test goals of one command are one run; it calls make again, with this file for what it builds.
start-run: export LONGPOLE_GOALS = $(or $(filter test test-% retest,$(MAKECMDGOALS)),test)
start-run:
	+@exec $(LONGPOLE) supervise $(MAKE) $(LONGPOLE_FILE) $$PPID

$(LONGPOLE_FILE): $(LONGPOLE_STATE)/rendered ;

ifeq ($(LONGPOLE_PYTHON),)
.PHONY: $(LONGPOLE_STATE)/local.mk
$(LONGPOLE_STATE)/local.mk:
	@$(LONGPOLE) render --quiet{{ suite_option }}{{ output_option }}
endif

{% if scenarios %}
# Folders change if a file is added or removed. Those that are gone do not matter: the folder that they were in does.
$(LONGPOLE_STATE)/rendered: $(wildcard{% for path in scenarios %} \
	{{ path }}{% endfor %})

{% endif %}
$(LONGPOLE_STATE)/rendered: {{ inputs | join(" ") }} $(LONGPOLE_TEMPLATES)
	@$(LONGPOLE) render --quiet{{ suite_option }}{{ output_option }}

.PHONY: start-run
endif

$(LONGPOLE_UNITS): start-run

.PHONY: $(LONGPOLE_UNITS)
{% for step in steps %}

# {{ step.name }}, which makes {{ step.output }}

build-{{ step.name }}:{% for name in step.needs %} build-{{ name }}{% endfor %}

	+@$(LONGPOLE_LOCKED) {{ step.name }} {{ step.output }} {{ step.build }}

.PHONY: build-{{ step.name }}
{% endfor %}
{% for variant in variants %}

# {{ variant.name }}, in {{ variant.target_dir }}
{% if variant.build %}

build-{{ variant.name }}:{% for name in variant.needs %} build-{{ name }}{% endfor %}

	+@$(LONGPOLE_LOCKED) {{ variant.name }} {{ variant.target_dir }} {{ variant.build }}

.PHONY: build-{{ variant.name }}
{% endif %}

test-{{ variant.name }}: start-run
{% for module in variant.modules if module.goal %}
{{ module.goal }}: start-run
{% endfor %}

.PHONY: test-{{ variant.name }}{% for module in variant.modules if module.goal %} {{ module.goal }}{% endfor %}

{% endfor %}

# A newline, for words of commands that contain one.
define {{ newline }}


endef
export {{ newline }}

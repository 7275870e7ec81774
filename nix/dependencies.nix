# What pyproject.toml calls `dependencies`; a test compares them.
packages: with packages; [
  click
  filelock
  jinja2
  pydantic
  pyyaml
  sh
]

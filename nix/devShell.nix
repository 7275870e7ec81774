# What working on this project needs, beside what ./configure installs; the compiler is among that.
{
  mkShell,
  python,
  git,
  ruff,
  nixfmt,
  actionlint,
  zizmor,
  check-jsonschema,
}:
mkShell {
  packages = [
    python
    git
    ruff
    nixfmt
    actionlint
    zizmor
    check-jsonschema
  ];
}

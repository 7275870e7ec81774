# What working on this project needs, beside what ./configure installs.
{
  mkShell,
  python,
  zig,
  git,
  ruff,
  nixfmt,
  actionlint,
  check-jsonschema,
}:
mkShell {
  packages = [
    python
    zig
    git
    ruff
    nixfmt
    actionlint
    check-jsonschema
  ];
}

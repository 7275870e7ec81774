# The project's own checks, one derivation each.
{
  stdenvNoCC,
  lib,
  python,
  ruff,
  nixfmt,
  git,
  check-jsonschema,
  actionlint,
  zizmor,
  meson,
  ninja,
  pipx,
  uv,
  wasmtime,
  ziglang,
  longpole,
}:
let
  packages = python.pkgs;
  withTests = python.withPackages (
    _:
    import ./dependencies.nix packages
    ++ import ./perf.nix packages
    ++ [
      longpole # where a Makefile that a test renders finds it; `python -m` takes the one in the tree
      wasmtime
      ziglang
      packages.build
      packages.cyclonedx-python-lib
      packages.hatchling
      packages.hypothesis
      packages.jsonschema
      packages.mypy
      packages.packaging
      packages.pyte
      packages.pytest
      packages.pytest-xdist
      packages.scipy-stubs
      packages.types-pyyaml
    ]
  );
  src = import ./source.nix {
    inherit lib;
    root = ../.;
    option = "checks.nix";
  };
  mkCheck =
    name: tools: command:
    stdenvNoCC.mkDerivation {
      name = "longpole-${name}";
      inherit src;
      strictDeps = true;
      nativeBuildInputs = tools;
      dontConfigure = true;
      buildPhase = command;
      installPhase = ''touch "$out"'';
      meta.description = "Longpole's own check: ${name}";
    };
in
lib.mapAttrs (name: check: mkCheck name check.tools check.command) {
  lint = {
    tools = [ ruff ];
    command = "ruff check .";
  };
  types = {
    tools = [ withTests ];
    command = "python3 -m mypy";
  };
  format = {
    tools = [
      ruff
      nixfmt
    ];
    command = ''
      ruff format --check .
      nixfmt --check flake.nix nix/*.nix examples/*/*.nix
    '';
  };
  render = {
    tools = [ withTests ];
    command = ''
      python3 -m longpole render --quiet --nix --ci
      diff -r ${src}/nix nix
      diff -r ${src}/.github .github
    '';
  };
  # Those that need Nix itself or namespaces cannot be run inside a build of it, and a browser is a lot to build for a
  # few.
  tests = {
    tools = [
      withTests
      git
      check-jsonschema
      actionlint
      zizmor
      meson
      ninja
      pipx
      uv
    ];
    command = ''
      export HOME=$TMPDIR
      python3 -m pytest -m "not nix and not browser and not userns"
    '';
  };
}

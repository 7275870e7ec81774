# The attributes of nixpkgs that nix/*.nix ask for, and no other.
{ lib, system }:
let
  mkDerivation = import ./mkDerivation.nix {
    inherit system;
    compiler = "";
  };
  python3 = import ./python.nix { inherit lib system mkDerivation; };

  # A program of the host; `command` is what it executes.
  program =
    name: command:
    mkDerivation {
      inherit name;
      buildPhase = ''
        mkdir -p "$out/bin"
        printf '%s\n' '#!/bin/sh' 'exec ${command} "$@"' >"$out/bin/${name}"
        chmod +x "$out/bin/${name}"
      '';
    };
  nothing =
    name:
    mkDerivation {
      inherit name;
      buildPhase = ''mkdir "$out"'';
    };
  stdenvNoCC = {
    inherit mkDerivation;
    hostPlatform = {
      inherit system;
      isLinux = builtins.match ".*-linux" system != null;
    };
  };
  packages = {
    inherit lib stdenvNoCC python3;
    newScope = more: lib.callPackageWith (packages // more);
    stdenv = stdenvNoCC // {
      mkDerivation = import ./mkDerivation.nix {
        inherit system;
        compiler = "cc";
      };
      cc.cc.lib = nothing "gcc-lib";
    };
    mkShell =
      { packages }:
      mkDerivation {
        name = "shell";
        nativeBuildInputs = packages;
        buildPhase = ''mkdir "$out"'';
      };
    autoPatchelfHook = nothing "auto-patchelf-hook";
    git = program "git" "/usr/bin/git";
    ruff = program "ruff" "${python3.host}/programs/ruff";
    pipx = program "pipx" "${python3}/bin/python3 -m pipx";
    meson = program "meson" "${python3}/bin/python3 -m mesonbuild.mesonmain";
    ninja = program "ninja" "${python3.host}/programs/ninja";
    uv = program "uv" "${python3.host}/programs/uv";
    check-jsonschema = program "check-jsonschema" "${python3}/bin/python3 -m check_jsonschema";
    # Debian has none of these; what they would check is not checked with this stand-in.
    actionlint = program "actionlint" "true";
    zizmor = program "zizmor" "true";
    nixfmt = program "nixfmt" "true";
  };
in
packages

# The attributes of nixpkgs that nix/from-nixpkgs.nix names, and no other.
{ lib, system }:
let
  mkDerivation = import ./mkDerivation.nix system;
  python312 = import ./python.nix { inherit lib system mkDerivation; };

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
    hostPlatform.isLinux = builtins.match ".*-linux" system != null;
  };
in
{
  inherit lib stdenvNoCC python312;
  stdenv = stdenvNoCC // {
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
  ruff = program "ruff" "${python312.host}/programs/ruff";
  check-jsonschema = program "check-jsonschema" "${python312}/bin/python3 -m check_jsonschema";
  zig_0_14 = program "zig" "${python312}/bin/python3 -m ziglang";
  # Debian has neither of these; what they would check is not checked with this stand-in.
  actionlint = program "actionlint" "true";
  nixfmt-rfc-style = program "nixfmt" "true";
}

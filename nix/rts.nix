# This repository's own suite: the runtime in rts/.
{
  mkSuite,
  stdenvNoCC,
  python,
  wasmtime,
  ziglang,
  rev,
}:
mkSuite {
  src = ../.;
  stdenv = stdenvNoCC;
  # The runtime, and the one module of ours that compiles its wasm ahead of time.
  buildPaths = [
    "rts/Makefile"
    "rts/src"
    "rts/tests"
    "longpole/__init__.py"
    "longpole/rts_tests"
    "rts_tests/__init__.py"
    "rts_tests/warm/__init__.py"
    "rts_tests/warm/engine.py"
    "rts_tests/warm/precompile.py"
  ];
  testPaths = [ "suite.yaml" ];
  # Its compiler and its engine are those that pip installs, so that artifacts are the same outside Nix.
  buildPython = python.withPackages (_: [
    wasmtime
    ziglang
  ]);
  pythonPackages = [ wasmtime ];
  install = [
    "*.wasm"
    "*.cwasm"
  ];
  inherit rev;
  meta.description = "A small language runtime with three garbage collectors, in wasm";
}

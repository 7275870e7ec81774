# This repository's own suite: the runtime in rts/.
{
  mkSuite,
  stdenvNoCC,
  python,
  zig,
  wasmtime,
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
  tools = [ zig ];
  env.CC = "zig cc";
  buildPython = python.withPackages (_: [ wasmtime ]);
  pythonPackages = [ wasmtime ];
  install = [
    "*.wasm"
    "*.cwasm"
  ];
  inherit rev;
}

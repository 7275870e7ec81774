# The wasm engine, as pip installs it: what one release compiles ahead of time, another refuses.
{
  lib,
  stdenv,
  callPackage,
  autoPatchelfHook,
}:
callPackage ./wheel.nix { } {
  pname = "wasmtime";
  version = "50.0.1";
  wheels = {
    x86_64-linux = {
      platform = "manylinux1_x86_64";
      hash = "sha256-zBTDoXZU4DlOAiWxGBNTLvDNe9HiIqDFSUze2qvt2sQ=";
    };
    aarch64-linux = {
      platform = "manylinux2014_aarch64";
      hash = "sha256-Z1SE5SXAKNwCdit3fx20R36nDKo/7Gd1Qm2v9NZO37E=";
    };
    x86_64-darwin = {
      platform = "macosx_10_13_x86_64";
      hash = "sha256-E/6BO5InEqnhD+D0iyxW2gZDLupLJCabt806aycgVgs=";
    };
    aarch64-darwin = {
      platform = "macosx_11_0_arm64";
      hash = "sha256-/0/FjtPL25GdBWrM1NKAvhOWKlQnVKrv2Km0ZU76m9k=";
    };
  };
  # A foreign library, which gets the C library of Nix.
  nativeBuildInputs = lib.optionals stdenv.hostPlatform.isLinux [ autoPatchelfHook ];
  buildInputs = lib.optionals stdenv.hostPlatform.isLinux [ stdenv.cc.cc.lib ];
  meta = {
    description = "The wasm engine of the Bytecode Alliance, from the wheel of the package index";
    license = lib.licenses.asl20;
  };
}

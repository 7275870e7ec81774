# nixpkgs' stdenv.mkDerivation, as far as it is used: phases, hooks, `env`, and tools of the host on PATH. `compiler` is
# what a stdenv with one sets CC to, whatever was set before.
{ system, compiler }:
attributes:
let
  env = attributes.env or { };
  passthru = attributes.passthru or { };
  rest = builtins.removeAttrs attributes [
    "env"
    "passthru"
    "meta"
  ];
  twice = builtins.attrNames (builtins.intersectAttrs env rest);
  made = derivation (
    rest
    // env
    // {
      inherit system compiler;
      name = attributes.name or "${attributes.pname}-${attributes.version}";
      builder = "/bin/bash";
      args = [ ./phases.sh ];
    }
  );
in
if twice != [ ] then
  throw "The `env` attribute set cannot contain any attributes passed to derivation: ${toString twice}"
else
  made
  // passthru
  // {
    inherit passthru;
    meta = attributes.meta or { };
  }

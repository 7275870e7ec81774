# nixpkgs' stdenv.mkDerivation, as far as it is used: phases, hooks, and tools of the host on PATH.
system: attributes:
let
  passthru = attributes.passthru or { };
  made = derivation (
    builtins.removeAttrs attributes [
      "passthru"
      "meta"
    ]
    // {
      inherit system;
      name = attributes.name or "${attributes.pname}-${attributes.version}";
      builder = "/bin/bash";
      args = [ ./phases.sh ];
    }
  );
in
made
// passthru
// {
  inherit passthru;
  meta = attributes.meta or { };
}

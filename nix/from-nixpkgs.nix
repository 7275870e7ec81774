# All that is used of nixpkgs, in one place. No other file of ours looks into `pkgs`, and tests/nix/host-nixpkgs stands
# in for exactly these attributes.
pkgs: {
  inherit (pkgs)
    lib
    stdenv
    stdenvNoCC
    mkShell
    autoPatchelfHook # gives the wasm engine, a foreign binary, the libraries of Nix
    git
    ruff
    check-jsonschema
    actionlint
    ;
  nixfmt = pkgs.nixfmt-rfc-style;
  python = pkgs.python312;
  zig = pkgs.zig_0_14; # the compiler of rts/; what pip calls ziglang
}

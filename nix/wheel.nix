# A Python package from the wheel that pip installs, by its hash: both then run the same bytes.
#
# `wheels` maps each system to { platform, hash }, as the package index has them. A test compares `version` with
# pyproject.toml.
{
  lib,
  stdenv,
  python,
}:
{
  pname,
  version,
  wheels,
  ...
}@attributes:
let
  inherit (stdenv.hostPlatform) system;
in
python.pkgs.buildPythonPackage (
  removeAttrs attributes [ "wheels" ]
  // {
    format = "wheel";
    src = python.pkgs.fetchPypi (
      {
        inherit pname version;
        format = "wheel";
        dist = "py3";
        python = "py3";
      }
      // wheels.${system} or (throw "${pname}: there is no wheel for ${system}")
    );
    strictDeps = true;
    dontStrip = true; # what is in a wheel is finished, and on darwin it is signed
    pythonImportsCheck = [ pname ];
    meta = {
      platforms = lib.attrNames wheels;
      sourceProvenance = [ lib.sourceTypes.binaryNativeCode ];
    }
    // attributes.meta or { };
  }
)

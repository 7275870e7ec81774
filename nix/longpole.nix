# The tool itself. What neither it nor its wheel is made of is left out of its source, so that an edit of the README,
# of docs or of tests runs no suite again.
{ python, passthru }:
python.pkgs.buildPythonPackage {
  pname = "longpole";
  version = builtins.head (
    builtins.match ".*\nVERSION = \"([^\"]+)\".*" (builtins.readFile ../longpole/version.py)
  );
  pyproject = true;
  src = import ./source.nix {
    root = ../.;
    name = "longpole-source";
    paths = [
      "Makefile.in"
      "bin"
      "gen"
      "longpole"
      "perf"
      "pyproject.toml"
      "rts_tests"
      "templates"
    ];
  };
  postPatch = "touch README.md LICENSE"; # named by pyproject.toml; their text is no part of the tool
  build-system = [ python.pkgs.hatchling ];
  dependencies = import ./dependencies.nix python.pkgs;
  pythonImportsCheck = [ "longpole" ];
  inherit passthru;
  meta.mainProgram = "longpole";
}

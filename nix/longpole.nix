# The tool itself. What neither it nor its wheel is made of is left out of its source, so that an edit of the README,
# of docs or of tests runs no suite again.
{
  lib,
  python,
  checks,
  # Whether `longpole perf` works. Suites do without: they would wait for libraries that they do not use.
  withPerf ? false,
}:
python.pkgs.buildPythonPackage {
  pname = "longpole" + lib.optionalString withPerf "-perf";
  version = builtins.head (
    builtins.match ".*\nVERSION = \"([^\"]+)\".*" (builtins.readFile ../longpole/version.py)
  );
  pyproject = true;
  strictDeps = true;
  src = import ./source.nix {
    inherit lib;
    root = ../.;
    option = "longpole.nix";
    paths = [
      "Makefile.in"
      "bin"
      "clients"
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
  dependencies =
    import ./dependencies.nix python.pkgs
    ++ lib.optionals withPerf (import ./perf.nix python.pkgs);
  pythonImportsCheck = [ "longpole" ];
  passthru = {
    tests = checks;
    # for builds that use {clients}: they must not depend on the rest of the tool
    clients = import ./source.nix {
      inherit lib;
      root = ../.;
      option = "longpole.nix";
      paths = [ "clients" ];
    };
  };
  meta = {
    description = "Describe a test suite once; get a Makefile that starts the long poles first";
    license = lib.licenses.asl20;
    mainProgram = "longpole";
    platforms = lib.platforms.unix;
  };
}

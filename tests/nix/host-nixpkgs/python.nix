# Python and its packages: those of the host, and the two that the flake makes itself.
{
  lib,
  system,
  mkDerivation,
}:
let
  host = mkDerivation {
    name = "host-python";
    named =
      if builtins.pathExists ./python then builtins.head (builtins.split "\n" (builtins.readFile ./python)) else "";
    requirements = ./requirements.txt;
    buildPhase = ". ${./host-python.sh}";
  };

  # A virtual environment that sees the packages given, and then those of the host. Paths in a .pth file are only
  # appended: a checkout that is installed in the host as editable is not seen.
  mkEnvironment =
    packages:
    mkDerivation {
      name = "python3-environment";
      packages = builtins.filter (package: package != host) packages;
      buildPhase = ''
        ${host}/interpreter -m venv --without-pip "$out"
        site=$("$out/bin/python3" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
        for package in $packages; do
          echo "$package/site-packages" >>"$site/packages.pth"
        done
        echo ${host}/site-packages >>"$site/packages.pth"
      '';
    };

  buildPythonPackage =
    attributes:
    mkDerivation (
      builtins.removeAttrs attributes [
        "build-system"
        "dependencies"
        "buildInputs"
        "format"
        "pyproject"
        "pythonImportsCheck"
      ]
      // {
        dontUnpack = attributes ? format;
        imports = attributes.pythonImportsCheck;
        plain = mkEnvironment [ ];
        wheel = if attributes ? format then attributes.src else "";
        buildPhase = ''
          if [ -z "$wheel" ]; then
            "$plain/bin/python3" -c 'from hatchling.build import build_wheel; build_wheel("..")' >/dev/null
            wheel=$(echo ../*.whl)
          fi
          "$plain/bin/python3" ${./unpack-wheel.py} "$wheel" "$out/site-packages"
          "$plain/bin/python3" -m compileall -q --invalidation-mode unchecked-hash "$out/site-packages"
          for script in "$out"/site-packages/*.data/scripts/*; do
            [ -f "$script" ] || continue
            mkdir -p "$out/bin"
            {
              printf '%s\n' "#!$plain/bin/python3 -B" "import sys" "sys.path.insert(0, '$out/site-packages')"
              tail -n +2 "$script"
            } >"$out/bin/$(basename "$script")"
            chmod +x "$out"/bin/*
          done
          for module in $imports; do
            PYTHONPATH=$out/site-packages "$plain/bin/python3" -c "import $module"
          done
        '';
      }
    );

  # The wheel itself, by its hash, through the pip of the host: the index may be a mirror, whose addresses differ.
  fetchPypi =
    {
      pname,
      version,
      format,
      dist,
      python,
      platform,
      hash,
    }:
    derivation {
      inherit system pname version platform;
      name = "${pname}-${version}-${python}-none-${platform}.whl";
      builder = "/bin/bash";
      args = [ ./fetch-wheel.sh ];
      outputHashMode = "flat";
      outputHash = hash;
      impureEnvVars = [
        "HOME"
        "PIP_CERT"
        "PIP_INDEX_URL"
        "http_proxy"
        "https_proxy"
      ];
    };

  pkgs =
    lib.genAttrs [
      "build"
      "click"
      "cyclonedx-python-lib"
      "filelock"
      "hatchling"
      "hypothesis"
      "jinja2"
      "jsonschema"
      "mypy"
      "numpy"
      "packaging"
      "pydantic"
      "pygithub"
      "pyte"
      "pytest"
      "pytest-xdist"
      "pyyaml"
      "ruptures"
      "scipy"
      "scipy-stubs"
      "sh"
      "types-pyyaml"
    ] (_: host)
    // {
      inherit buildPythonPackage fetchPypi;
    };
in
mkEnvironment [ ]
// {
  inherit host pkgs;
  withPackages = choose: mkEnvironment (choose pkgs);
}

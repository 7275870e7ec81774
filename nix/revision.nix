# Which commit's seeds the tests use: the flake's own, with the date of a nightly run where there is one.
#
# LONGPOLE_DAY is seen under `nix build --impure` alone; a pure evaluation reads it as empty. A dirty tree has its
# commit since Nix 2.17 and none before; without a commit the seeds are the fallback, and the report says so.
self:
let
  revision = self.rev or self.dirtyRev or null;
  day = builtins.getEnv "LONGPOLE_DAY";
in
if revision == null || day == "" then revision else "${revision}+${day}"

# What the seeds of a run derive from: the commit, with the date of a nightly run where there is one; null for a tree
# that is no commit, because it has changes that are not committed (a flake's `dirtyRev`).
#
# LONGPOLE_DAY and LONGPOLE_REV are seen under `nix build --impure` alone; a pure evaluation reads them as empty.
rev:
let
  inherit (builtins) getEnv match;
  day = getEnv "LONGPOLE_DAY";
  earlier = getEnv "LONGPOLE_REV"; # the commit whose seeds are run again
in
if earlier != "" then
  earlier
else if rev == null || match ".*-dirty" rev != null then
  null
else if match "[0-9a-f]{40}|[0-9a-f]{64}" rev == null then
  throw "mkSuite: rev is \"${rev}\", which is not the full hash of a commit; give `self.rev or null`"
else if day == "" then
  rev
else
  "${rev}+${day}"

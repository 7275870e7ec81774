# What the seeds of a run derive from: the commit, with the date of a nightly run where there is one.
#
# LONGPOLE_DAY is seen under `nix build --impure` alone; a pure evaluation reads it as empty.
rev:
let
  day = builtins.getEnv "LONGPOLE_DAY";
in
if rev == null || day == "" then rev else "${rev}+${day}"

"""Tests of the runtime in `rts/` from the outside: that its own tests have teeth, and that its build keeps promises."""

"""What is compiled ahead of time here must load on another machine of the same kind."""

import re

import wasmtime

from longpole.rts_tests.warm.engine import baseline, make_engine

MODULE = '(module (func (export "f") (param f64 f64 f64) (result f64) local.get 0 local.get 1 f64.mul f64.nearest))'


def test_no_feature_of_this_very_processor_is_compiled_in() -> None:
    compiled = wasmtime.Module(make_engine(), MODULE).serialize()
    features = dict(re.findall(rb"(has_[a-z0-9]+)\x02([\x00\x01])", bytes(compiled)))
    assert baseline() is not None
    assert features
    assert set(features.values()) == {b"\x00"}


def test_without_a_target_they_would_be() -> None:
    compiled = wasmtime.Module(wasmtime.Engine(), MODULE).serialize()
    assert b"\x01" in dict(re.findall(rb"(has_[a-z0-9]+)\x02([\x00\x01])", bytes(compiled))).values()


def test_what_was_compiled_for_the_baseline_runs() -> None:
    engine = make_engine()
    module = wasmtime.Module.deserialize(engine, wasmtime.Module(engine, MODULE).serialize())
    store = wasmtime.Store(engine)
    function = wasmtime.Instance(store, module, []).exports(store)["f"]
    assert isinstance(function, wasmtime.Func)
    assert function(store, 1.5, 3.0, 0.0) == 4.0

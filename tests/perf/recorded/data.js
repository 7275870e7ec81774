window.BENCHMARK_DATA = {
  "lastUpdate": 1776716900000,
  "repoUrl": "https://example.org/project",
  "entries": {
    "Benchmark": [
      {
        "commit": {
          "author": {"name": "a", "username": "a"},
          "committer": {"name": "a", "username": "a"},
          "id": "1111111111111111111111111111111111111111",
          "message": "one",
          "timestamp": "2026-04-20T22:27:37+02:00",
          "url": "https://example.org/project/commit/1"
        },
        "date": 1776716857000,
        "tool": "cargo",
        "benches": [
          {"name": "bench_fib_10", "value": 135, "range": "± 24", "unit": "ns/iter"},
          {"name": "bench_fib_20", "value": 18149, "range": "± 755", "unit": "ns/iter"}
        ]
      },
      {
        "commit": {"id": "2222222222222222222222222222222222222222", "timestamp": "2026-04-20T23:27:37+02:00"},
        "date": 1776720457000,
        "tool": "pytest",
        "benches": [
          {
            "name": "bench.py::test_fib_10",
            "value": 40000,
            "unit": "iter/sec",
            "range": "stddev: 0.000006",
            "extra": "mean: 25 usec\nrounds: 38523"
          }
        ]
      }
    ],
    "Go": [
      {
        "commit": {"id": "2222222222222222222222222222222222222222"},
        "date": 1776720458000,
        "tool": "go",
        "benches": [
          {"name": "BenchmarkFib10", "value": 325, "unit": "ns/op\t     128 B/op\t       2 allocs/op", "extra": "5000000 times\n8 procs"}
        ]
      },
      {
        "commit": {"id": "3333333333333333333333333333333333333333"},
        "date": 1776720459000,
        "tool": "customBiggerIsBetter",
        "benches": [
          {"name": "throughput", "value": 70, "unit": "Percent"},
          {"name": "rate", "value": 50.5, "unit": "req/s"}
        ]
      }
    ]
  }
};

"""What Longpole costs and what it saves, measured against other tools on this machine: `python -m bench`.

Every figure is measured in the same rounds as what it is compared to, and printed as a ratio or beside its budget
(docs/performance.md). Nothing here is a test: no figure fails anything. A benchmark works in temporary folders and
leaves nothing behind. `bench` drives Longpole from outside, as its users do, through `make`; it may import
`gen` and `rts_tests` to read what a run left, to teach a history, and to measure a report. Only tests import `bench`.
"""

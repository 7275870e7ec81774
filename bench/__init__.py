"""What Longpole costs and what it saves, measured against other tools on this machine: `python -m bench`.

Every number is taken in one run, interleaved with what it is compared to, and printed as a ratio or beside its budget
(docs/performance.md). Nothing here is a test: no number fails anything. A benchmark works in a temporary folder and
leaves nothing behind. `bench` drives Longpole from outside, as its users do, through `make`; it may import
`rts_tests` where a file has to be made in Longpole's own form, and nothing may import `bench`.
"""

"""How well recall finds what it should: labelled data, baselines in the same run, intervals. docs/bench.md."""

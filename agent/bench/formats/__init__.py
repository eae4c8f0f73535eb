"""The data sets that can be loaded, one module each: LoCoMo, RealMem, MADial-Bench, BEAM and labelled JSONL."""

"""A purge: every byte of a memory leaves the disk (:mod:`.erasing`); what is left is looked for (:mod:`.proving`)."""

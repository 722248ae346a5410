"""The generic model and its named edits, marker sets, scaling, the three-rotation knee."""

"""An effect to how far it can be believed: placebos, rival dates, other choices, and a grade by a published rule."""

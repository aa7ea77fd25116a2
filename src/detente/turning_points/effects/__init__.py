"""A series and a date to what changed there: interrupted series and counterfactuals."""

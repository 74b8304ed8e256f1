"""The guide as code: facts, rules, changes, chapters, plan, runner, journal, errors. No Qt, no transport library."""

'''Checks of your own: a `validators/custom/*.py` that defines `CHECKS` or `SUITES` is picked up by `validate`.

`CHECKS` names a suite of validators/suites and the rows to add to it:

    """Our clinic sees infants in person."""

    from validators.checks import CRITICAL, WARNING, Check, expect
    from validators.conditions import holds

    SOURCES = expect("ColumnUniqueValueCountToBeBetween", column="source", min_value=2)

    CHECKS = {
        "selected": (
            Check("no_infants", CRITICAL, holds("specialty IS DISTINCT FROM 'infants'"), "infants are seen in person"),
            Check("two_sources", WARNING, SOURCES, "one source, one bias"),
        ),
    }

A test has one of three forms: `holds(condition)`, to be true of every row; `expect(name, ...)`, an expectation of
Great Expectations; or SQL for what is at fault, with `record_id` among its columns where it is about records, and `place`
where it is about a dialect, a split, a source or a column, with a number `observed` beside it. In SQL `{batch}` is the table
of the suite, and the hand-overs are tables too:

    SELECT record_id FROM {batch} WHERE record_id NOT IN (SELECT record_id FROM cleaned)

Results hold record ids, numbers and those names; any other value is written as "other", whatever the SQL gives.

`SUITES` has suites of your own, over any SELECT:

    SUITES = (
        Suite("clinic", "SELECT * FROM records JOIN split USING (record_id) WHERE source = 'clinic'", "Ask the clinic.", (
            *table_checks(min_rows=200),
        )),
    )

The last argument of a Check, `mend`, says what to do where it fails; left out, the suite's own is told. A severity is changed
in params.yaml, `validate.severities`.
'''

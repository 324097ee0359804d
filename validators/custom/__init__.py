'''Checks of your own: a `validators/custom/*.py` that defines `CHECKS` is picked up by `validate`.

`CHECKS` names a suite of validators/suites.py and the rows to add to it:

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
Great Expectations; or SQL for the rows at fault, with `record_id` among its columns where it is about records. In SQL
`{batch}` is the table of the suite, and the hand-overs are tables too:

    SELECT record_id FROM {batch} WHERE record_id NOT IN (SELECT record_id FROM cleaned)

Great Expectations may put a subquery with a name of its own there: give `{batch}` an alias only beside a JOIN.
'''

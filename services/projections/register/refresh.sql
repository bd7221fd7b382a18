-- The cache of intervals, made again for households that changed; run when no facts wait.
-- Parameters: position (the live one), many (households at most), first and last (all months there are).

-- name: refresh
with recursive
subjects as materialized (
    select household from changed_households limit %(many)s
),
changes as (select null::date as month where false),
{{resolved_between_changes}},
made as (
    insert into intervals (household, month, until, spell, single_person, programme, area, income_fen, tier,
                           care_form, suspended, in_grace, head, members, covered, covered_persons, classes,
                           self_cares)
    select household, month, until, spell, single_person, programme, area, income_fen, tier, care_form,
           suspended, in_grace, head, members, covered, covered_persons, classes, self_cares
    from resolved
),
kept as (
    insert into kept_households (household, known_from)
    select household, (select position from facts where stream = household order by version desc limit 1)
    from subjects
)
delete from changed_households using subjects where changed_households.household = subjects.household

-- Made after the first load: an index kept up row by row costs more than one made at once.
create unique index facts_position on facts (position);
create unique index facts_version on facts (stream, version);
create index facts_recorded_at on facts (recorded_at, position);
create index facts_type on facts (type, position);
create unique index corrections_version on corrections (stream, version);
create index revocations_household on revocations (household);
create index moments_household on moments (household, month);
create index standings_household on standings (household);
create index programmes_household on programmes (household);
create index areas_household on areas (household);
create index areas_area on areas (area, household);
create index incomes_household on incomes (household);
create index tiers_household on tiers (household);
create index care_forms_household on care_forms (household);
create index heads_household on heads (household);
create index payees_household on payees (household);
create index suspensions_household on suspensions (household);
create index members_household on members (household);
create index members_person on members (person);
create index supplements_household on supplements (household);
create index self_cares_household on self_cares (household);
create index graces_household on graces (household);
create index recognitions_household on recognitions (household);
create index standards_area on standards (area, programme);
create index policies_area on policies (area, setting);
create index area_grants_area on area_grants (area, effective);
create index area_replacements_area on area_replacements (area);
-- What other departments gave to a household: asked one household at a time.
create index facts_household on facts ((data ->> 'household'))
    where type in ('assistance.DepartmentAidReported.v1', 'assistance.ServiceDelivered.v1');
create index intervals_household on intervals (household);
create unique index kept_households_household on kept_households (household);

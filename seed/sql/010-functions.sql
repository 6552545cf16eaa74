-- Deterministic chance: the same (id, salt) gives the same number on every machine.

create function seed.chance(id bigint, salt bigint) returns double precision
language sql immutable parallel safe
return (hashint8extended(id, salt) & 4294967295)::double precision / 4294967296;

create function seed.pick(id bigint, salt bigint, size integer) returns integer
language sql immutable parallel safe
return ((hashint8extended(id, salt) & 2147483647) % size)::integer + 1;

create function seed.any_of(id bigint, salt bigint, list text[]) returns text
language sql immutable parallel safe
return list[seed.pick(id, salt, cardinality(list))];

-- Age in days of a project, or of a person's arrival, by its place in the order of ids: a third of
-- everything came in the last 45 days, the rest over eight years, more and more of it.
create function seed.age_days(fraction double precision) returns double precision
language sql immutable parallel safe
return case
  when fraction >= 0.65 then 45 * (1 - (fraction - 0.65) / 0.35)
  else 45 + (8 * 365 - 45) * power(1 - fraction / 0.65, 1.3)
end;

-- The nearest amount below a sum that a person would choose as a goal: 1, 1.5, 2, 2.5, 3, 4, 5, 6, 8.
create function seed.round_goal(cents double precision) returns bigint
language sql immutable parallel safe
return (
  select max(step) from (
    select (m * power(10, floor(log(greatest(cents, 1)))))::bigint as step
      from unnest('{1,1.5,2,2.5,3,4,5,6,8}'::double precision[]) as m
  ) steps where step <= greatest(cents, 1)
);

create function seed.fill(
  template text, word text, thing text, about text, city text, creator text
) returns text
language sql immutable parallel safe
return replace(replace(replace(replace(replace(replace(replace(template,
  '{word}', word),
  '{thing}', thing),
  '{Thing}', upper(left(thing, 1)) || substr(thing, 2)),
  '{about}', about),
  '{city}', city),
  '{creator}', creator),
  '{first}', split_part(creator, ' ', 1));

-- Some time after a moment: within so many days, most of them soon, and always before the end.
create function seed.later(
  moment timestamptz, days double precision, ending timestamptz, wait double precision, share double precision
) returns timestamptz
language sql immutable parallel safe
return moment + least(
  make_interval(secs => 86400 * days * power(wait, 2) + 120),
  (ending - moment) * (0.05 + 0.9 * share)
);

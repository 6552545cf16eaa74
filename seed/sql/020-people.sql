-- People arrive in the order of their ids. Their homes are drawn by the places' weights.
insert into people (id, name, bio, city, state, country, joined_at)
overriding system value
select
  i,
  first.name || ' ' || last.name,
  case when seed.chance(i, 3) < 0.4
    then replace(bios.bio, '{city}', place.city) else '' end,
  place.city,
  place.state,
  place.country,
  -- The first 15 % came in the two years before the first project, the rest as projects did.
  scale.at - interval '12 hours' * seed.chance(i, 5) - make_interval(secs => 86400 * (2 + case
    when i < 0.15 * scale.people
    then seed.age_days(0) + 730 * (1 - i / (0.15 * scale.people))
    else seed.age_days((i::double precision / scale.people - 0.15) / 0.85)
  end))
from seed.scale scale
cross join generate_series(1, scale.people) as i
join seed.first_names first on first.number = seed.pick(i, 1, scale.first_names)
join seed.last_names last on last.number = seed.pick(i, 2, scale.last_names)
join seed.bios bios on bios.number = seed.pick(i, 4, scale.bios)
join seed.place_draws draw on draw.number = seed.pick(i, 6, scale.place_draws)
join places place on place.state = draw.state and place.city = draw.city;

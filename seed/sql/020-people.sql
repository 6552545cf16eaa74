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
  -- The first 15 % were there before the first project.
  scale.at - make_interval(secs => 86400 * (2 + seed.age_days(
    greatest(0, (i::double precision / scale.people - 0.15) / 0.85)))) - interval '12 hours' * seed.chance(i, 5)
from seed.scale scale
cross join generate_series(1, scale.people) as i
join seed.first_names first on first.number = seed.pick(i, 1, scale.first_names)
join seed.last_names last on last.number = seed.pick(i, 2, scale.last_names)
join seed.bios bios on bios.number = seed.pick(i, 4, scale.bios)
join seed.place_draws draw on draw.number = seed.pick(i, 6, scale.place_draws)
join places place on place.state = draw.state and place.city = draw.city;

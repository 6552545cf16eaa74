-- Everything the millions are dealt from, each list numbered through from 0 so that a row is found by
-- one whole number. What a piece of text is found by is worked out once here, not once for each row.

-- A deck of people. The same card comes again every 16,384 ids, in another order each time.
create unlogged table seed.deck as
select
  n as number, first.name || ' ' || last.name as name, first.name as first,
  place.city, place.state, place.country, place.number as place, bios.bio,
  search_words(first.name || ' ' || last.name || ' ' || place.city || ' ' || place.state || ' ' || place.country)
    as search
from seed.scale scale
cross join generate_series(0, 16383) as n
join seed.first_names first on first.number = seed.pick(n, 1, scale.first_names)
join seed.last_names last on last.number = seed.pick(n, 2, scale.last_names)
join seed.bios bios on bios.number = seed.pick(n, 4, scale.bios)
join seed.place_draws draw on draw.number = seed.pick(n, 6, scale.place_draws)
join places place on place.state = draw.state and place.city = draw.city;

create function seed.card(person bigint) returns integer language sql immutable parallel safe
return ((person - 1 & 16383) # ((person - 1 >> 14) * 10007 & 16383))::integer;

-- `format` fills all gaps of a text at once; it is applied twice, so a percent sign is written four times.
create function seed.template(words text) returns text language sql immutable parallel safe
return replace(replace(replace(replace(replace(replace(replace(replace(words,
  '%', '%%%%'), '{word}', '%1$s'), '{thing}', '%2$s'), '{Thing}', '%3$s'), '{about}', '%4$s'),
  '{city}', '%5$s'), '{creator}', '%6$s'), '{first}', '%7$s');

create unlogged table seed.texts as
select
  kind, category, (row_number() over (partition by kind order by category, position) - 1)::integer as number,
  seed.template(words) as template,
  words like '%{word}%' as has_word,
  words ilike '%{thing}%' as has_thing,
  words like '%{about}%' as has_about,
  search_words(regexp_replace(words, '\{[A-Za-z]+\}', '', 'g')) as search
from (
  select 'title' as kind, category, position, text as words
    from seed.words, unnest(titles) with ordinality as t (text, position)
  union all
  select 'blurb', category, position, text from seed.words, unnest(blurbs) with ordinality as t (text, position)
  union all
  -- The first sentence is enough for the millions.
  select 'risks', category, position, split_part(text, '. ', 1) || '.'
    from seed.words, unnest(risks) with ordinality as t (text, position)
  union all
  select 'story', category, n, variants[n]
    from seed.story_parts, generate_subscripts(variants, 1) as n where number = 1
) texts;

-- Ten million projects need more names than the lists have: the first and the last word of any two.
create unlogged table seed.names as
select
  category, (row_number() over (order by category, word) - 1)::integer as number, word,
  search_words(word) as search
from (
  select distinct a.category, split_part(x, ' ', 1) || ' ' || split_part(y, ' ', 2) as word
    from seed.words a, unnest(a.words) as x, unnest(a.words) as y
    where x like '% %' and y like '% %'
  union
  select category, word from seed.words, unnest(words) as word
) names
where length(word) <= 13 and split_part(word, ' ', 1) <> split_part(word, ' ', 2);

create unlogged table seed.things as
select
  slug, (row_number() over (order by slug, t.n) - 1)::integer as number,
  thing, upper(left(thing, 1)) || substr(thing, 2) as capital, search_words(thing) as search
from seed.subcategory_words, unnest(things) with ordinality as t (thing, n);

create unlogged table seed.abouts as
select
  slug, (row_number() over (order by slug, t.n) - 1)::integer as number,
  about, search_words(about) as search
from seed.subcategory_words, unnest(abouts) with ordinality as t (about, n);

-- What needs no parcel: the rewards of the millions have no items and no shipping of their own.
create unlogged table seed.tiers as
select
  category, row_number() over (partition by category order by price, number) as position,
  count(*) over (partition by category) as tiers, price * 100 as amount, name, description
from seed.reward_words where kind <> 'physical';

create function seed.drawn(chance bigint, numbers int4range) returns integer
language sql immutable parallel safe
return lower(numbers) + ((chance & 65535) % (upper(numbers) - lower(numbers)))::integer;

analyze seed.deck; analyze seed.texts; analyze seed.names; analyze seed.things; analyze seed.abouts;
analyze seed.tiers; analyze seed.category_draws; analyze seed.subcategory_words; analyze seed.words;

-- What projects are about: everything but the name, the creator and the place. Categories by their
-- shares, subcategories alike.
create unlogged table seed.concepts as
with spans as materialized (
  select category, kind, int4range(min(number), max(number), '[]') as numbers from seed.texts group by category, kind
  union all
  select category, 'name', int4range(min(number), max(number), '[]') from seed.names group by category
  union all
  select slug, 'thing', int4range(min(number), max(number), '[]') from seed.things group by slug
  union all
  select slug, 'about', int4range(min(number), max(number), '[]') from seed.abouts group by slug
), kinds as materialized (
  select
    words.category, sub.slug as subcategory, words.tags,
    top.number as category_number, below.number as subcategory_number,
    (array_agg(spans.numbers) filter (where kind = 'title'))[1] as titles,
    (array_agg(spans.numbers) filter (where kind = 'blurb'))[1] as blurbs,
    (array_agg(spans.numbers) filter (where kind = 'story'))[1] as stories,
    (array_agg(spans.numbers) filter (where kind = 'risks'))[1] as riskses,
    (array_agg(spans.numbers) filter (where kind = 'name'))[1] as names,
    (array_agg(spans.numbers) filter (where kind = 'thing'))[1] as things,
    (array_agg(spans.numbers) filter (where kind = 'about'))[1] as abouts,
    words.subcategories, sub.position
  from seed.words words
  join seed.subcategory_words sub on sub.category = words.category
  join categories top on top.slug = words.category
  join categories below on below.slug = sub.slug
  join spans on spans.category in (words.category, sub.slug)
  group by words.category, sub.slug, words.tags, top.number, below.number, words.subcategories, sub.position
), drawn as materialized (
  select
    n::integer as number, kinds.*, h, h2,
    seed.drawn(h, titles) as title, seed.drawn(h >> 16, blurbs) as blurb, seed.drawn(h >> 24, stories) as story,
    seed.drawn(h >> 32, riskses) as risks, seed.drawn(h2 >> 16, things) as thing,
    seed.drawn(h2 >> 32, abouts) as about
  from (
    select n, hashint8extended(n, 18) as h, hashint8extended(n, 19) as h2,
      seed.pick(n, 11, scale.category_draws) as draw, seed.chance(n, 17) as share
    from seed.scale scale cross join generate_series(0, 16383) as n
    offset 0
  ) numbers
  join seed.category_draws draw on draw.number = numbers.draw
  join kinds on kinds.category = draw.category and kinds.position = 1 + floor(share * kinds.subcategories)
)
select
  drawn.number, drawn.category, drawn.subcategory, category_number, subcategory_number,
  tags[1 + (h >> 40 & 7) : 2 + (h >> 40 & 7) + (h >> 44 & 1)] as tags,
  names,
  format(title.template, '%1$s', thing.thing, thing.capital, about.about, '%2$s', '%3$s', '%4$s') as title,
  format(blurb.template, '%1$s', thing.thing, thing.capital, about.about, '%2$s', '%3$s', '%4$s') as blurb,
  format(story.template, '%1$s', thing.thing, thing.capital, about.about, '%2$s', '%3$s', '%4$s') as story,
  format(risks.template, '%1$s', thing.thing, thing.capital, about.about, '%2$s', '%3$s', '%4$s') as risks,
  title.has_word or blurb.has_word as has_word,
  title.search || blurb.search || search_words(translate(drawn.subcategory, '/-', '  '))
    || case when title.has_thing or blurb.has_thing then thing.search else '' end
    || case when title.has_about or blurb.has_about then about.search else '' end as search,
  cheap.amount as cheap_amount, cheap.name as cheap_name, cheap.description as cheap_description,
  dear.amount as dear_amount, dear.name as dear_name, dear.description as dear_description
from drawn
join seed.texts title on title.kind = 'title' and title.number = drawn.title
join seed.texts blurb on blurb.kind = 'blurb' and blurb.number = drawn.blurb
join seed.texts story on story.kind = 'story' and story.number = drawn.story
join seed.texts risks on risks.kind = 'risks' and risks.number = drawn.risks
join seed.things thing on thing.number = drawn.thing
join seed.abouts about on about.number = drawn.about
join seed.tiers cheap on cheap.category = drawn.category and cheap.position = 1 + (h2 & 65535) % (cheap.tiers - 1)
join seed.tiers dear on dear.category = drawn.category and dear.position = cheap.position + 1;

analyze seed.concepts;

-- What is decided about a project before any row of it is written.
create unlogged table seed.plan (
  id bigint, concept integer, status text, launched_at timestamptz, ends_at timestamptz,
  creator_id bigint, elapsed real, weight double precision
);

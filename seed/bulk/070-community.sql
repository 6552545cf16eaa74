-- Five of each for every project that is or was public; comments only where there is somebody to write.
with named as materialized (
  select
    p.id, p.launched_at, least(p.ends_at, scale.at) as until, concept.category, name.word,
    deck.city, deck.name as creator
  from seed.plan p
  cross join seed.scale scale
  join seed.concepts concept on concept.number = p.concept
  join seed.deck deck on deck.number = seed.card(p.creator_id)
  join seed.names name on name.number = seed.drawn(hashint8extended(p.id, 18), concept.names)
  where p.id between @first and @last and is_listed(p.status)
), updates_made as (
  insert into updates (project_id, number, title, body, published_at)
  select
    id, n, left(seed.fill(words.title, word, 'this', '', city, creator), 60),
    left(seed.fill(words.body, word, 'this', '', city, creator), 240),
    launched_at + (until - launched_at) * ((n - 0.5) / 5)
  from named cross join generate_series(1, 5) as n
  join seed.update_words words on words.category = named.category and words.number = n
  order by id, n
), faqs_made as (
  insert into faqs (project_id, position, question, answer)
  select id, n, words.question, seed.fill(words.answer, word, 'this', '', city, creator)
  from named cross join generate_series(1, 5) as n
  join seed.faq_words words on words.category = named.category and words.number = 1 + (id + n) % 11
  order by id, n
)
insert into comments (project_id, id, author_id, body, created_at)
overriding system value
select
  b.project_id, b.project_id * 5 - 5 + b.n, b.backer_id,
  replace(words.comments[1 + (b.project_id * 13 + b.n * 7) % cardinality(words.comments)], '{word}', named.word),
  least(b.created_at + interval '1 hour' * b.n, scale.at)
from (
  select project_id, backer_id, created_at, row_number() over (partition by project_id order by id) as n
  from pledges
  where project_id between @first and @last and status <> 'canceled' and not anonymous
) b
cross join seed.scale scale
join named on named.id = b.project_id
join seed.words words on words.category = named.category
where b.n <= 5
order by b.project_id, b.n;

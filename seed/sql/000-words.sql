-- The word lists of seed/words as tables, in a schema that is dropped when the seed is done.
create unlogged table seed.scale (
  people bigint, projects bigint, pledges bigint, at timestamptz, place_draws integer, category_draws integer,
  first_names integer, last_names integer, bios integer
);
create unlogged table seed.first_names (number integer primary key, name text);
create unlogged table seed.last_names (number integer primary key, name text);
create unlogged table seed.bios (number integer primary key, bio text);
create unlogged table seed.place_draws (number integer primary key, state text, city text);
create unlogged table seed.category_draws (number integer primary key, category text);
create unlogged table seed.words (
  category text primary key, subcategories integer, words text[], titles text[], blurbs text[],
  risks text[], budget text[], comments text[], replies text[], tags text[]
);
create unlogged table seed.subcategory_words (
  category text, position integer, slug text, things text[], abouts text[], primary key (category, position)
);
create unlogged table seed.story_parts (category text, number integer, variants text[]);
create unlogged table seed.reward_words (
  category text, number integer, price integer, name text, description text, items text[], kind text,
  primary key (category, number)
);
create unlogged table seed.update_words (category text, number integer, title text, body text);
create unlogged table seed.faq_words (
  category text, number bigint, question text, answer text, primary key (category, number)
);

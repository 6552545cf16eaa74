-- Writes down what stands on the tables, without schema names, so that it can be made anew elsewhere.
create schema seed;
set local search_path = public;

create table seed.tables as
select relname::text as name from pg_class
where relnamespace = 'public'::regnamespace and relkind = 'r' and relname <> 'schema_migrations';

create table seed.structure as
with keys as (
  select
    case contype when 'f' then 'link' else 'key' end as kind,
    conrelid::regclass::text as table,
    conname::text as name,
    pg_get_constraintdef(oid, true) as definition,
    coalesce(obj_description(oid, 'pg_constraint'), obj_description(conindid, 'pg_class')) as comment,
    case contype when 'f' then confrelid::regclass::text end as target
  from pg_constraint
  where connamespace = 'public'::regnamespace and contype in ('f', 'p', 'u') and conparentid = 0
), indexes as (
  select
    'index' as kind,
    indrelid::regclass::text as table,
    indexrelid::regclass::text as name,
    pg_get_indexdef(indexrelid, 0, true) as definition,
    obj_description(indexrelid, 'pg_class') as comment,
    null as target
  from pg_index join pg_class on pg_class.oid = indrelid and relnamespace = 'public'::regnamespace
  where not exists (select from pg_constraint where conindid = indexrelid and contype in ('p', 'u'))
)
select
  pieces.*,
  case
    -- Filled by migrations or by hand before the load, and small.
    when pieces.table in ('categories', 'places') then kind <> 'link' or target = 'categories'
    -- Whoever may switch off the triggers of links need not drop them, nor what they point to.
    when rolsuper then kind = 'link'
      or kind = 'key' and pieces.table in (select links.target from keys links where links.kind = 'link')
    else false
  end as stays
from (select * from keys union all select * from indexes) pieces
cross join pg_roles
where rolname = current_user and pieces.table in (select name from seed.tables);

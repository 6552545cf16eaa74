import type { Db } from '#db/client'

/** Whoever owns an object is called `owner`: two databases may have owners of different names. */
const grants = (acl: string, kind: string, owner: string) => `(
  select coalesce(string_agg(holder || '=' || privileges, ' ' order by holder), 'none')
  from (
    select case grantee when 0 then 'public' when ${owner} then 'owner'
        else pg_get_userbyid(grantee)::text end as holder,
      string_agg(privilege_type || case when is_grantable then '*' else '' end, ','
        order by privilege_type) as privileges
    from aclexplode(coalesce(${acl}, acldefault('${kind}', ${owner}))) group by grantee
  ) by_holder)`

const grantsIfAny = (acl: string, kind: string, owner: string) =>
  `case when ${acl} is not null then ${grants(acl, kind, owner)} end`

// Columns of the catalogs that not every Postgres since 15 has are read by way of jsonb.
const maybe = (alias: string, column: string) => `to_jsonb(${alias}) ->> '${column}'`
const target = (alias: string, column: string) => `nullif(${maybe(alias, column)}, '-1')`

/** `what name of: a value, another value`, with nothing of what is null. */
const line = (start: string, facts: Record<string, string>) =>
  `concat_ws(' | ', ${start}, ${Object.entries(facts)
    .map(([name, sql]) => `'${name} ' || (${sql})::text`)
    .join(', ')}) as line`

const inSchema = (column: string) => `${column} = 'public'::regnamespace`
/** Objects of an extension are the extension's. */
const ownWork = (catalog: string, oid: string) =>
  `not exists (select from pg_depend e
    where e.classid = '${catalog}'::regclass and e.objid = ${oid} and e.deptype = 'e')`

const relations = `
  select ${line(
    `case c.relkind when 'r' then 'table' when 'p' then 'partitioned table' when 'v' then 'view'
      when 'm' then 'materialized view' when 'f' then 'foreign table' else 'composite type' end
      || ' ' || c.oid::regclass`,
    {
      persistence: 'c.relpersistence',
      options: 'c.reloptions',
      'toast options': '(select t.reloptions from pg_class t where t.oid = c.reltoastrelid)',
      'replica identity': "nullif(c.relreplident, 'n')",
      'row security': 'c.relrowsecurity::text || c.relforcerowsecurity::text',
      method: '(select amname from pg_am where pg_am.oid = c.relam)',
      tablespace: '(select spcname from pg_tablespace s where s.oid = c.reltablespace)',
      inherits: `(select string_agg(i.inhparent::regclass::text, ', ' order by i.inhseqno)
        from pg_inherits i where i.inhrelid = c.oid)`,
      partition: 'pg_get_expr(c.relpartbound, c.oid)',
      key: "case c.relkind when 'p' then pg_get_partkeydef(c.oid) end",
      query: "case when c.relkind in ('v', 'm') then pg_get_viewdef(c.oid) end",
      grants: `case when c.relkind <> 'c' then ${grants('c.relacl', 'r', 'c.relowner')} end`,
    },
  )}
  from pg_class c where ${inSchema('c.relnamespace')} and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
    and ${ownWork('pg_class', 'c.oid')}`

// Numbered by their order: what was dropped between them does not matter.
const columns = `
  select ${line(`'column ' || c.oid::regclass || '.' || a.attname`, {
    place: `(select count(*) from pg_attribute b where b.attrelid = a.attrelid
      and b.attnum between 1 and a.attnum and not b.attisdropped)`,
    type: 'format_type(a.atttypid, a.atttypmod)',
    collation: 'nullif(a.attcollation, 0)::regcollation',
    null: "case when a.attnotnull then 'never' end",
    default: "case a.attgenerated when '' then pg_get_expr(d.adbin, d.adrelid) end",
    generated:
      "case when a.attgenerated <> '' then a.attgenerated::text || ' ' || pg_get_expr(d.adbin, d.adrelid) end",
    identity: "nullif(a.attidentity, '')",
    storage: 'a.attstorage',
    compression: "nullif(a.attcompression, '')",
    statistics: target('a', 'attstattarget'),
    options: 'a.attoptions',
    inherited: "case when a.attinhcount > 0 or not a.attislocal then 'yes' end",
    grants: grantsIfAny('a.attacl', 'c', 'c.relowner'),
  })}
  from pg_attribute a join pg_class c on c.oid = a.attrelid
  left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
  where ${inSchema('c.relnamespace')} and c.relkind in ('r', 'p', 'v', 'm', 'f', 'c')
    and a.attnum > 0 and not a.attisdropped and ${ownWork('pg_class', 'c.oid')}`

const constraints = `
  select ${line(
    `'constraint ' || k.conname || ' on '
      || coalesce(nullif(k.conrelid, 0)::regclass::text, k.contypid::regtype::text)`,
    {
      is: 'pg_get_constraintdef(k.oid)',
      validated: 'k.convalidated',
      enforced: maybe('k', 'conenforced'),
      deferrable: "k.condeferrable::text || ', deferred ' || k.condeferred",
      index: "case when k.contype in ('p', 'u', 'x', 'f') then k.conindid::regclass end",
      'inherited by none': 'k.connoinherit',
      local: "k.conislocal::text || ', from above ' || k.coninhcount",
    },
  )}
  from pg_constraint k where ${inSchema('k.connamespace')} and ${ownWork('pg_constraint', 'k.oid')}`

const indexes = `
  select ${line(`'index ' || i.indexrelid::regclass || ' on ' || i.indrelid::regclass`, {
    is: 'pg_get_indexdef(i.indexrelid)',
    valid: 'i.indisvalid',
    ready: "i.indisready::text || ', live ' || i.indislive",
    clustered: 'i.indisclustered',
    replica: 'i.indisreplident',
    primary:
      "i.indisprimary::text || ', unique ' || i.indisunique || ', immediate ' || i.indimmediate",
    tablespace: '(select spcname from pg_tablespace s where s.oid = c.reltablespace)',
    statistics: `(select string_agg(a.attnum || ' ' || ${target('a', 'attstattarget')}, ', '
      order by a.attnum) from pg_attribute a where a.attrelid = i.indexrelid)`,
  })}
  from pg_index i join pg_class c on c.oid = i.indexrelid
  where ${inSchema('c.relnamespace')} and ${ownWork('pg_class', 'i.indrelid')}`

const statistics = `
  select ${line(`'statistics ' || s.stxname || ' on ' || s.stxrelid::regclass`, {
    is: 'pg_get_statisticsobjdef(s.oid)',
    target: target('s', 'stxstattarget'),
  })}
  from pg_statistic_ext s where ${inSchema('s.stxnamespace')}`

// The triggers of a foreign key are named by number, and may be off as any other.
const triggers = `
  select ${line(
    `case when t.tgisinternal
      then 'trigger of constraint ' || k.conname || ' calling ' || t.tgfoid::regproc
      else 'trigger ' || t.tgname end || ' on ' || t.tgrelid::regclass`,
    {
      is: 'case when not t.tgisinternal then pg_get_triggerdef(t.oid) end',
      fires: 't.tgenabled',
    },
  )}
  from pg_trigger t join pg_class c on c.oid = t.tgrelid
  left join pg_constraint k on k.oid = t.tgconstraint
  where ${inSchema('c.relnamespace')}`

const policiesAndRules = `
  select ${line(`'policy ' || p.polname || ' on ' || p.polrelid::regclass`, {
    for: "p.polcmd::text || case when p.polpermissive then ', permissive' else ', restrictive' end",
    roles: `(select string_agg(coalesce(nullif(r, 0)::regrole::text, 'public'), ', ' order by r)
      from unnest(p.polroles) r)`,
    using: 'pg_get_expr(p.polqual, p.polrelid)',
    check: 'pg_get_expr(p.polwithcheck, p.polrelid)',
  })}
  from pg_policy p join pg_class c on c.oid = p.polrelid where ${inSchema('c.relnamespace')}
  union all
  select ${line(`'rule ' || r.rulename || ' on ' || r.ev_class::regclass`, {
    is: 'pg_get_ruledef(r.oid)',
    fires: 'r.ev_enabled',
  })}
  from pg_rewrite r join pg_class c on c.oid = r.ev_class
  where ${inSchema('c.relnamespace')} and r.rulename <> '_RETURN'`

const functions = `
  select ${line(`'function ' || f.oid::regprocedure`, {
    kind: 'f.prokind',
    is: "case when f.prokind <> 'a' then pg_get_functiondef(f.oid) end",
    result: 'pg_get_function_result(f.oid)',
    volatility: 'f.provolatile',
    parallel: 'f.proparallel',
    strict:
      "f.proisstrict::text || ', leakproof ' || f.proleakproof || ', definer ' || f.prosecdef",
    cost: "f.procost || ', rows ' || f.prorows",
    settings: 'f.proconfig',
    grants: grants('f.proacl', 'f', 'f.proowner'),
  })}
  from pg_proc f where ${inSchema('f.pronamespace')} and ${ownWork('pg_proc', 'f.oid')}`

const sequences = `
  select ${line(`'sequence ' || c.oid::regclass`, {
    type: 's.seqtypid::regtype',
    numbers: "s.seqstart || ' by ' || s.seqincrement || ' from ' || s.seqmin || ' to ' || s.seqmax",
    cache: 's.seqcache',
    cycle: 's.seqcycle',
    persistence: 'c.relpersistence',
    'owned by': `(select d.refobjid::regclass || '.' || a.attname || ' (' || d.deptype::text || ')'
      from pg_depend d
      join pg_attribute a on a.attrelid = d.refobjid and a.attnum = d.refobjsubid
      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i'))`,
    grants: grants('c.relacl', 's', 'c.relowner'),
  })}
  from pg_sequence s join pg_class c on c.oid = s.seqrelid
  where ${inSchema('c.relnamespace')} and ${ownWork('pg_class', 'c.oid')}`

const types = `
  select ${line(`'type ' || t.oid::regtype`, {
    kind: 't.typtype',
    labels: `(select string_agg(quote_literal(e.enumlabel), ', ' order by e.enumsortorder)
      from pg_enum e where e.enumtypid = t.oid)`,
    base: "case t.typtype when 'd' then format_type(t.typbasetype, t.typtypmod) end",
    range: '(select r.rngsubtype::regtype from pg_range r where r.rngtypid = t.oid)',
    collation: "case t.typtype when 'd' then nullif(t.typcollation, 0)::regcollation end",
    null: "case when t.typnotnull then 'never' end",
    default: 't.typdefault',
    grants: grants('t.typacl', 'T', 't.typowner'),
  })}
  from pg_type t left join pg_class c on c.oid = t.typrelid
  where ${inSchema('t.typnamespace')} and ${ownWork('pg_type', 't.oid')}
    and (t.typtype in ('e', 'd', 'r') or c.relkind = 'c')`

const comments = `
  select 'comment on ' || o.type || ' ' || o.identity || ' | ' || d.description as line
  from pg_description d
  cross join lateral pg_identify_object(d.classoid, d.objoid, d.objsubid) o
  where d.objoid >= 16384
    and (o.schema = 'public' or o.schema is null and o.identity ~ '( on |^)public\\.')`

const surroundings = `
  select ${line("'schema public'", { grants: grants('n.nspacl', 'n', 'n.nspowner') })}
  from pg_namespace n where n.nspname = 'public'
  union all
  select ${line("'extension ' || e.extname", {
    version: 'e.extversion',
    schema: 'e.extnamespace::regnamespace',
  })}
  from pg_extension e`

const parts: readonly string[] = [
  ...[relations, columns, constraints, indexes, statistics, triggers, policiesAndRules],
  ...[functions, sequences, types, comments, surroundings],
]

/**
 * Every object of the schema `public`, with everything that defines it, as sorted lines of text: two
 * databases with the same lines differ in their rows and their owners at most. Lines start with the
 * kind and the name; line breaks within a definition are kept.
 */
export async function describeCatalog(db: Db): Promise<string[]> {
  const rows = await db.$client.begin('isolation level repeatable read read only', async (tx) => {
    // So that names are written with their schema, whatever the connection's own path.
    await tx`select set_config('search_path', 'pg_catalog', true)`
    return await tx.unsafe<{ line: string }[]>(parts.join('\nunion all\n'))
  })
  return rows.map(({ line }) => line).sort()
}

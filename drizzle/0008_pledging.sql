CREATE TABLE "ledger" (
	"project_id" bigint NOT NULL,
	"number" bigint NOT NULL,
	"kind" text NOT NULL,
	"pledge_id" bigint,
	"debit" text NOT NULL,
	"credit" text NOT NULL,
	"amount" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "ledger_project_id_number_pk" PRIMARY KEY("project_id","number"),
	CONSTRAINT "ledger_amount" CHECK ("ledger"."amount" >= 0 and "ledger"."debit" <> "ledger"."credit")
);
--> statement-breakpoint
CREATE TABLE "ledger_balances" (
	"project_id" bigint NOT NULL,
	"account" text NOT NULL,
	"debits" bigint DEFAULT 0 NOT NULL,
	"credits" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "ledger_balances_project_id_account_pk" PRIMARY KEY("project_id","account")
);
--> statement-breakpoint
CREATE TABLE "ledger_heads" (
	"project_id" bigint PRIMARY KEY NOT NULL,
	"number" bigint NOT NULL,
	"hash" "bytea" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "money_requests" (
	"project_id" bigint NOT NULL,
	"person_id" bigint NOT NULL,
	"key" text NOT NULL,
	"fingerprint" bigint NOT NULL,
	"pledge_id" bigint NOT NULL,
	"total" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "money_requests_project_id_person_id_key_pk" PRIMARY KEY("project_id","person_id","key")
);
--> statement-breakpoint
CREATE TABLE "pledge_add_ons" (
	"project_id" bigint NOT NULL,
	"pledge_id" bigint NOT NULL,
	"reward_id" bigint NOT NULL,
	"quantity" smallint NOT NULL,
	"amount" bigint NOT NULL,
	CONSTRAINT "pledge_add_ons_project_id_pledge_id_reward_id_pk" PRIMARY KEY("project_id","pledge_id","reward_id"),
	CONSTRAINT "pledge_add_ons_quantity" CHECK ("pledge_add_ons"."quantity" > 0)
);
--> statement-breakpoint
CREATE TABLE "reward_holds" (
	"project_id" bigint NOT NULL,
	"reward_id" bigint NOT NULL,
	"person_id" bigint NOT NULL,
	"quantity" smallint NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "reward_holds_project_id_reward_id_person_id_pk" PRIMARY KEY("project_id","reward_id","person_id")
);
--> statement-breakpoint
ALTER TABLE "people" ADD COLUMN "has_backed" boolean DEFAULT false NOT NULL;--> statement-breakpoint
update people p set has_backed = true where exists (select from pledges b where b.backer_id = p.id);--> statement-breakpoint
ALTER TABLE "pledges" ADD COLUMN "bonus" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "pledges" ADD COLUMN "shipping" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "pledges" ADD COLUMN "ship_to" text;--> statement-breakpoint
ALTER TABLE "pledges" ADD COLUMN "card_id" bigint;--> statement-breakpoint
ALTER TABLE "pledges" ADD COLUMN "changed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "pledges" ADD COLUMN "request_key" text;--> statement-breakpoint
ALTER TABLE "pledges" ADD COLUMN "request_fingerprint" bigint;--> statement-breakpoint
ALTER TABLE "pledge_add_ons" ADD CONSTRAINT "pledge_add_ons_pledge" FOREIGN KEY ("project_id","pledge_id") REFERENCES "public"."pledges"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pledge_add_ons" ADD CONSTRAINT "pledge_add_ons_reward" FOREIGN KEY ("project_id","reward_id") REFERENCES "public"."rewards"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reward_holds" ADD CONSTRAINT "reward_holds_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reward_holds" ADD CONSTRAINT "reward_holds_reward" FOREIGN KEY ("project_id","reward_id") REFERENCES "public"."rewards"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE TABLE "guests" (
	"person_id" bigint PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "guests_email" UNIQUE("email")
);
--> statement-breakpoint
ALTER TABLE "guests" ADD CONSTRAINT "guests_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "mailed_tokens" DROP CONSTRAINT "mailed_tokens_kind";--> statement-breakpoint
ALTER TABLE "mailed_tokens" ADD CONSTRAINT "mailed_tokens_kind" CHECK ("mailed_tokens"."kind" in ('sign-up', 'reset', 'email', 'guest'));--> statement-breakpoint
ALTER TABLE "mailed_tokens" DROP CONSTRAINT "mailed_tokens_person_id_accounts_person_id_fk";--> statement-breakpoint
ALTER TABLE "mailed_tokens" ADD CONSTRAINT "mailed_tokens_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "money_requests_age" ON "money_requests" USING brin ("created_at");--> statement-breakpoint
CREATE INDEX "reward_holds_lapsed" ON "reward_holds" USING btree ("expires_at");
--> statement-breakpoint
comment on index reward_holds_lapsed is 'hourly: holds that have lapsed are forgotten';
--> statement-breakpoint
comment on index money_requests_age is 'daily: requests of more than a week ago are forgotten';
--> statement-breakpoint
create trigger ledger_stays before update or delete or truncate on ledger
  for each statement execute function refuse_change();
--> statement-breakpoint

-- One line of the books as it is hashed, in text; times in microseconds.
create function ledger_text(
  project_id bigint, number bigint, kind text, pledge_id bigint, debit text, credit text,
  amount bigint, created_at timestamptz
) returns text language sql immutable parallel safe
  return project_id || '|' || number || '|' || kind || '|' || coalesce(pledge_id, 0) || '|' || debit
    || '|' || credit || '|' || amount || '|' || (date_part('epoch', created_at) * 1000000)::bigint;
--> statement-breakpoint
-- In plpgsql: as a step of an aggregate one in SQL takes a thousand times as long.
create function ledger_link(before bytea, head bytea, line text) returns bytea
  language plpgsql immutable parallel safe as $$
begin
  return sha256(coalesce(before, head) || convert_to(line, 'UTF8'));
end $$;
--> statement-breakpoint
-- As a window: the hash of each line, the first after that of the head.
create aggregate ledger_chain(head bytea, line text) (sfunc = ledger_link, stype = bytea);
--> statement-breakpoint

-- Begins the books of projects that have none, with what was pledged before there were any. Whoever
-- calls it has locked these projects, and changes them afterwards.
create function open_ledger(project_ids bigint[]) returns void language plpgsql as $$
declare
  at timestamptz := clock_timestamp();
begin
  if (select count(*) from ledger_heads h where h.project_id = any(project_ids))
    = (select count(*) from projects p where p.id = any(project_ids)) then
    return;
  end if;
  with missing as (
    select p.id, p.pledged from projects p
      where p.id = any(project_ids)
        and not exists (select from ledger_heads h where h.project_id = p.id)
  ), opened as (
    insert into ledger (project_id, number, kind, pledge_id, debit, credit, amount, created_at, hash)
      select id, 1, 'opening', null, 'backers', 'promised', pledged, at, ledger_link(null, ''::bytea,
        ledger_text(id, 1, 'opening', null, 'backers', 'promised', pledged, at))
      from missing where pledged > 0
      returning project_id, number, hash, amount
  ), heads as (
    insert into ledger_heads (project_id, number, hash)
      select m.id, coalesce(o.number, 0), coalesce(o.hash, ''::bytea)
      from missing m left join opened o on o.project_id = m.id
  )
  insert into ledger_balances (project_id, account, debits, credits)
    select project_id, account, case account when 'backers' then amount else 0 end,
      case account when 'promised' then amount else 0 end
    from opened cross join (values ('backers'), ('promised')) as both_sides (account);
end $$;
--> statement-breakpoint

-- What these tables held when a connection planned its statements says nothing of what they hold later,
-- and a plan made for an empty table would read a full one for every row. So each look-up is by key:
-- no sequential scans, and `lateral … limit 1` where a join could be turned around.
-- Writes lines at the end of the books of one or more projects, which whoever calls it has locked and
-- whose books are open.
create function post_ledger(
  project_ids bigint[], kinds text[], pledge_ids bigint[], debits text[], credits text[], amounts bigint[]
) returns void language plpgsql set enable_seqscan = off as $$
#variable_conflict use_column
declare
  at timestamptz := clock_timestamp();
begin
  with line as (
    select given.*, h.number + row_number() over w as number, h.hash as head
    from unnest(project_ids, kinds, pledge_ids, debits, credits, amounts) with ordinality
        as given (project_id, kind, pledge_id, debit, credit, amount, ord)
      join lateral (
        select last.number, last.hash from ledger_heads last
          where last.project_id = given.project_id limit 1
      ) h on true
    window w as (partition by given.project_id order by given.ord)
  ), chained as (
    select line.*, ledger_chain(head, ledger_text(
        project_id, number, kind, pledge_id, debit, credit, amount, at)) over w as hash
    from line
    window w as (partition by project_id order by number rows unbounded preceding)
  ), written as (
    insert into ledger (project_id, number, kind, pledge_id, debit, credit, amount, created_at, hash)
      select project_id, number, kind, pledge_id, debit, credit, amount, at, hash from chained
  ), moved as (
    update ledger_heads h set number = last.number, hash = last.hash
      from (select distinct on (project_id) project_id, number, hash from chained
        order by project_id, number desc) last
      where h.project_id = last.project_id
  ), sums as (
    select project_id, account, sum(debit) as debits, sum(credit) as credits
      from (
        select project_id, debit as account, amount as debit, 0 as credit from line
        union all
        select project_id, credit, 0, amount from line
      ) sides
      group by project_id, account
  )
  insert into ledger_balances as b (project_id, account, debits, credits)
    select project_id, account, debits, credits from sums order by project_id, account
    on conflict (project_id, account) do update
      set debits = b.debits + excluded.debits, credits = b.credits + excluded.credits;
end $$;
--> statement-breakpoint

-- Tells every process that pages about these projects and people are old; a payload is shorter than
-- 8,000 bytes.
create function announce_pledges(project_ids bigint[], person_ids bigint[]) returns void
  language sql volatile
begin atomic
  select pg_notify('jumpstarter_changes', pg_current_xact_id()::text || E'\n' || tags)
    from (
      select string_agg(tag, E'\n') as tags from (
        select 'project:' || id as tag, row_number() over () / 250 as part
          from (select distinct unnest(project_ids) as id) p
        union all
        select 'person:' || id, 1000000 + row_number() over () / 250
          from (select distinct unnest(person_ids) as id) b
      ) each group by part
    ) payloads;
end;
--> statement-breakpoint

-- What is left of a limited reward for whoever has set nothing aside.
create function free_stock(r rewards, at timestamptz) returns bigint language sql stable
  return r.quantity - r.backers_count - coalesce((
    select sum(h.quantity) from reward_holds h
      where h.project_id = r.project_id and h.reward_id = r.id and h.expires_at > at), 0);
--> statement-breakpoint

-- Takes pledges that have come in together, in one transaction: each project is locked once and each
-- total raised once, however many there are. A pledge that cannot be taken says why and stops no
-- other. Nobody is in a batch twice with the same project. What they cost is computed here, from the
-- rewards as they are; `agreed` is what their backers have seen.
create function take_pledges(
  project_ids bigint[], backer_ids bigint[], keys text[], fingerprints bigint[], reward_ids bigint[],
  bonuses bigint[], ship_tos text[], anonymous boolean[], agreed bigint[], card_ids bigint[],
  add_on_ords bigint[], add_on_ids bigint[], add_on_quantities int[]
) returns table (outcome text, pledge_id bigint, total bigint)
language plpgsql set enable_seqscan = off as $$
#variable_conflict use_column
declare
  at timestamptz;
  outcomes text[];
  pledge_ids bigint[];
  amounts bigint[];
begin
  perform 1 from projects p where p.id = any(project_ids) order by p.id for no key update;
  -- By now whoever held a project has committed, and time has passed.
  at := clock_timestamp();
  perform open_ledger(project_ids);

  with item as materialized (
    select * from unnest(project_ids, backer_ids, keys, fingerprints, reward_ids, bonuses, ship_tos,
        anonymous, agreed, card_ids) with ordinality
      as i (project_id, backer_id, key, fingerprint, reward_id, bonus, ship_to, anonymous, agreed,
        card_id, n)
  ), extra as materialized (
    select x.n, x.id, x.quantity, i.project_id, r.amount * x.quantity as price, r.quantity as stock,
      r.id is not null and r.is_add_on and x.quantity <= coalesce(r.per_backer_max, 10)
        and (r.opens_at > at) is not true and (r.closes_at <= at) is not true as fits
    from unnest(add_on_ords, add_on_ids, add_on_quantities) as x (n, id, quantity)
      join item i on i.n = x.n
      left join rewards r on r.project_id = i.project_id and r.id = x.id
  ), extras as (
    select e.n, sum(e.price)::bigint as price, bool_and(e.fits) as fit from extra e group by e.n
  ), judged as materialized (
    select i.*, r.quantity as stock, coalesce(s.price, 0) as shipping, b.city, b.country,
      coalesce(r.amount, 0) + coalesce(s.price, 0) + coalesce(x.price, 0) + i.bonus as due,
      known.pledge_id as known_id, known.total as known_total, earlier.id as earlier_id,
      earlier.place as earlier_place,
      case
        when known.fingerprint = i.fingerprint then 'replayed'
        when known.pledge_id is not null then 'key_reused'
        when p.id is null then 'project_not_found'
        when (p.status <> 'live' or p.ends_at <= at)
          and ((select s.late_until from settlements s where s.project_id = p.id) > at) is not true
          then 'closed'
        when p.creator_id = i.backer_id then 'own_project'
        when earlier.status <> 'canceled' then 'already_pledged'
        when i.reward_id is not null and (r.id is null or r.is_add_on) then 'no_such_reward'
        -- Whoever has had it may keep it.
        when (r.opens_at > at or r.closes_at <= at) and r.id is distinct from earlier.reward_id
          then 'reward_closed'
        when r.ships_to <> 'nobody' and s.price is null then 'ships_elsewhere'
        when not x.fit then 'no_such_add_on'
        when coalesce(r.amount, 0) + coalesce(s.price, 0) + coalesce(x.price, 0) + i.bonus <> i.agreed
          then 'price_changed'
      end as refusal
    from item i
      join lateral (select city, country from people where id = i.backer_id limit 1) b on true
      left join lateral (
        select id, status, ends_at, creator_id from projects where id = i.project_id limit 1
      ) p on true
      left join lateral (
        select e.id, e.status, e.reward_id, e.ctid as place, e.amount, e.request_key,
            e.request_fingerprint
          from pledges e where e.backer_id = i.backer_id and e.project_id = i.project_id limit 1
      ) earlier on true
      -- Whoever has no pledge has never had one.
      left join lateral (
        select earlier.request_fingerprint as fingerprint, earlier.id as pledge_id,
            earlier.amount as total
          where earlier.request_key = i.key
        union all
        select m.fingerprint, m.pledge_id, m.total from money_requests m
          where earlier.id is not null and m.project_id = i.project_id
            and m.person_id = i.backer_id and m.key = i.key
        limit 1
      ) known on true
      left join lateral (
        select * from rewards where project_id = i.project_id and id = i.reward_id limit 1
      ) r on true
      left join extras x on x.n = i.n
      left join lateral (
        select c.price from reward_shipping c
          where r.ships_to <> 'nobody' and c.project_id = i.project_id and c.reward_id = i.reward_id
            and c.country in (i.ship_to, 'Rest of the world')
          order by c.country = i.ship_to desc limit 1
      ) s on true
  ), demand as (
    select j.n, j.project_id, j.backer_id, j.reward_id as id, 1 as quantity from judged j
      where j.stock is not null and j.refusal is null
    union all
    select e.n, e.project_id, j.backer_id, e.id, e.quantity from extra e join judged j using (n)
      where e.stock is not null and j.refusal is null
  ), needed as (
    select d.*, greatest(0, d.quantity - coalesce(h.quantity, 0)) as from_free,
        free_stock(r, at) as free
      from demand d
        join rewards r on r.project_id = d.project_id and r.id = d.id
        left join reward_holds h on h.project_id = d.project_id and h.reward_id = d.id
          and h.person_id = d.backer_id and h.expires_at > at
  ), weighed as (
    -- Whoever could not have it alone either counts against nobody else.
    select needed.*, bool_or(needed.from_free > greatest(free, 0)) over (partition by needed.n)
        as is_hopeless
      from needed
  ), short as (
    select distinct served.n from (
      select weighed.n, is_hopeless or weighed.from_free > 0
          and sum(weighed.from_free) filter (where not is_hopeless)
            over (partition by project_id, id order by weighed.n) > free as is_short
        from weighed
    ) served where is_short
  ), resolved as materialized (
    select j.*, coalesce(j.refusal,
        case when j.n in (select short.n from short) then 'sold_out' else 'taken' end) as outcome
      from judged j
  ), done as materialized (
    -- The number is drawn here, so that nothing has to be looked up by it.
    select r.*, coalesce(r.earlier_id, nextval('pledges_id_seq')) as pledge_id
      from resolved r where r.outcome = 'taken'
  ), placed as (
    insert into pledges (project_id, id, backer_id, reward_id, amount, anonymous, backed_before, city,
        country, created_at, bonus, shipping, ship_to, card_id, request_key, request_fingerprint)
      overriding system value
      select d.project_id, d.pledge_id, d.backer_id, d.reward_id, d.due, d.anonymous,
          -- To another project: who has pledged to this one comes back.
          (select b.has_backed from people b where b.id = d.backer_id),
          d.city, d.country, at, d.bonus, d.shipping, d.ship_to, d.card_id, d.key, d.fingerprint
        from done d where d.earlier_id is null
  ), come_back as (
    update pledges mine set reward_id = d.reward_id, amount = d.due, status = 'pledged',
        anonymous = d.anonymous, city = d.city, country = d.country, created_at = at,
        bonus = d.bonus, shipping = d.shipping, ship_to = d.ship_to, card_id = d.card_id,
        changed_at = null, request_key = d.key, request_fingerprint = d.fingerprint
      -- The project is locked, so it is where it was.
      from done d where mine.ctid = d.earlier_place and mine.project_id = d.project_id
  ), added as (
    insert into pledge_add_ons (project_id, pledge_id, reward_id, quantity, amount)
      select d.project_id, d.pledge_id, e.id, e.quantity, e.price from extra e join done d using (n)
  ), claimed as (
    update rewards r set backers_count = r.backers_count + c.quantity
      from (
        select each.project_id, each.id, sum(each.quantity)::int as quantity from (
          select d.project_id, d.reward_id as id, 1 as quantity from done d
            where d.reward_id is not null
          union all
          select d.project_id, e.id, e.quantity from extra e join done d using (n)
        ) each group by each.project_id, each.id
      ) c
      where r.project_id = c.project_id and r.id = c.id
  ), released as (
    delete from reward_holds h using done d
      where h.project_id = d.project_id and h.person_id = d.backer_id
  ), raised as (
    update projects p set pledged = p.pledged + c.amount, backers_count = p.backers_count + c.n
      from (
        select d.project_id, sum(d.due) as amount, count(*)::int as n from done d group by d.project_id
      ) c
      where p.id = c.project_id
  ), counted as (
    update people b set pledges_count = b.pledges_count + c.n, has_backed = true
      from (
        select d.backer_id, (count(*) filter (where not d.anonymous))::int as n
          from done d group by d.backer_id
      ) c
      where b.id = c.backer_id and (c.n > 0 or not b.has_backed)
  ), made_due as (
    -- What comes late is charged at once.
    update settlements s set due_at = at, closed_at = null,
        reminded_at = case when s.closed_at is null then s.reminded_at else at end
      where s.project_id = any(array(select d.project_id from done d)) and s.late_until > at
  )
  select array_agg(all_of.outcome order by all_of.n), array_agg(all_of.pledge_id order by all_of.n),
      array_agg(all_of.total order by all_of.n)
    into outcomes, pledge_ids, amounts
    from (
      select d.n, d.outcome, d.pledge_id, d.due as total from done d
      union all
      select r.n, r.outcome, r.known_id, coalesce(r.known_total, r.due) from resolved r
        where r.outcome <> 'taken'
    ) all_of;

  perform post_ledger(
      array_agg(project_ids[n] order by n), array_agg('pledge'::text), array_agg(pledge_ids[n] order by n),
      array_agg('backers'::text), array_agg('promised'::text), array_agg(amounts[n] order by n))
    from generate_subscripts(outcomes, 1) as n
    where outcomes[n] = 'taken'
    having count(*) > 0;
  perform announce_pledges(
      array_agg(project_ids[n]), array_agg(backer_ids[n]) filter (where not anonymous[n]))
    from generate_subscripts(outcomes, 1) as n
    where outcomes[n] = 'taken'
    having count(*) > 0;
  return query select * from unnest(outcomes, pledge_ids, amounts);
end $$;
--> statement-breakpoint

-- Gives back what a pledge has taken: of totals, stock and counts. Whoever calls it has locked the
-- project and knows that this may be. Returns what it was worth; null when there is no such pledge.
create function withdraw_pledge(project bigint, backer bigint) returns bigint language plpgsql as $$
declare
  mine pledges;
begin
  perform open_ledger(array[project]);
  update pledges set status = 'canceled', changed_at = clock_timestamp()
    where backer_id = backer and project_id = project and status = 'pledged'
    returning * into mine;
  if mine.id is null then
    return null;
  end if;
  -- The pledge remembers one request, and this one may come again.
  insert into money_requests (project_id, person_id, key, fingerprint, pledge_id, total)
    select project, backer, mine.request_key, mine.request_fingerprint, mine.id, mine.amount
      where mine.request_key is not null
    on conflict do nothing;
  with given_back as (
    delete from pledge_add_ons a where a.project_id = project and a.pledge_id = mine.id
      returning a.reward_id as id, a.quantity
  )
  update rewards r set backers_count = r.backers_count - g.quantity
    from (select * from given_back union all select mine.reward_id, 1) g
    where r.project_id = project and r.id = g.id;
  update projects set pledged = pledged - mine.amount, backers_count = backers_count - 1
    where id = project;
  if not mine.anonymous then
    update people set pledges_count = pledges_count - 1 where id = backer;
  end if;
  perform post_ledger(array[project], array['cancel'], array[mine.id], array['promised'],
    array['backers'], array[mine.amount]);
  perform announce_pledges(array[project], case when mine.anonymous then '{}' else array[backer] end);
  return mine.amount;
end $$;

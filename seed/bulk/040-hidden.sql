-- Pledges that do not count for the page of their backer, and who has made how many listed projects.
-- In the order of people, who are filled in from them range by range.
create unlogged table seed.hidden as
select backer_id, count(*)::integer as pledges from pledges
where status = 'canceled' or anonymous or project_id in (select id from seed.plan where status = 'suspended')
group by backer_id order by backer_id;
create index on seed.hidden using brin (backer_id) with (pages_per_range = 16);

create unlogged table seed.creators as
select creator_id, count(*)::integer as projects from seed.plan where is_listed(status)
group by creator_id order by creator_id;
create index on seed.creators using brin (creator_id) with (pages_per_range = 16);
analyze seed.hidden, seed.creators;
